using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Exponential, logistic and Gaussian-error functions of a vector.</summary>
internal static class Elementary<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    /// <summary>
    /// eˣ to about 2 ulp, 0 below -87.33, finite for all x below 88.7: x = n·ln 2 + r, then a polynomial of degree 6 in r (Cephes, expf) and
    /// n added to the exponent bits.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Exp(TVec x)
    {
        // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
        var magic = TSimd.Broadcast(12582912f);
        var limit = TSimd.Broadcast(-87.33654f);
        var clamped = TSimd.Max(TSimd.Min(x, TSimd.Broadcast(88.37f)), limit);
        var shifted = TSimd.MultiplyAdd(clamped, TSimd.Broadcast(1.44269504f), magic);
        var n = TSimd.Subtract(shifted, magic);
        var r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-0.693359375f), clamped);
        r = TSimd.MultiplyAdd(n, TSimd.Broadcast(2.12194440e-4f), r);
        var p = TSimd.MultiplyAdd(r, TSimd.Broadcast(1.9875691500e-4f), TSimd.Broadcast(1.3981999507e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(8.3334519073e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(4.1665795894e-2f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1.6666665459e-1f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(5.0000001201e-1f));
        p = TSimd.MultiplyAdd(p, TSimd.Multiply(r, r), TSimd.Add(r, TSimd.Broadcast(1f)));
        return TSimd.ZeroBelow(TSimd.AddBits(p, TSimd.ShiftLeft(shifted, 23)), x, limit);
    }

    /// <summary>
    /// 2ˣ for x ≤ 0 to about 2 ulp, or a subnormal number or 0 below 2⁻¹²⁶; exactly 1 for 0, and NaN for NaN: 2^(x − n) by a polynomial of
    /// degree 6 on [-1/2, 1/2] that is exact at 0, at Chebyshev's nodes otherwise.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Exp2(TVec x)
    {
        // Less than the least exponent that makes a difference, so that -infinity has a distance from it.
        var clamped = TSimd.Max(TSimd.Broadcast(-200f), x);
        var n = TSimd.Round(clamped);
        var r = TSimd.Subtract(clamped, n);
        var p = TSimd.MultiplyAdd(r, TSimd.Broadcast(1.5453163e-4f), TSimd.Broadcast(1.3390863e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(9.6180826e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(5.5503571e-2f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(2.4022651e-1f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(6.9314719e-1f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f));
        return TSimd.Scale(p, n);
    }

    /// <summary>x / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Silu(TVec x) =>
        TSimd.Divide(x, TSimd.Add(TSimd.Broadcast(1f), Exp(TSimd.Subtract(default, x))));

    /// <summary>
    /// x · Φ(x) with erfc from Abramowitz and Stegun 7.1.26, whose absolute error is below 1.5e-7; the negative side is computed from the
    /// tail itself, so it keeps its relative precision.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVec Gelu(TVec x)
    {
        var one = TSimd.Broadcast(1f);
        var a = TSimd.Multiply(TSimd.Abs(x), TSimd.Broadcast(0.70710678f));
        var t = TSimd.Divide(one, TSimd.MultiplyAdd(a, TSimd.Broadcast(0.3275911f), one));
        var p = TSimd.MultiplyAdd(t, TSimd.Broadcast(1.061405429f), TSimd.Broadcast(-1.453152027f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Broadcast(1.421413741f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Broadcast(-0.284496736f));
        p = TSimd.MultiplyAdd(p, t, TSimd.Broadcast(0.254829592f));
        var tail = TSimd.Multiply(TSimd.Multiply(p, t), Exp(TSimd.Subtract(default, TSimd.Multiply(a, a))));
        var half = TSimd.Multiply(x, TSimd.Broadcast(0.5f));
        var negative = TSimd.Multiply(half, tail);
        return TSimd.SelectNegative(x, negative, TSimd.Subtract(x, negative));
    }
}
