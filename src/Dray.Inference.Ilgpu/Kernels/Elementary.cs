using ILGPU;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary>Elementary functions in the steps of the CPU backend: one result on every device, whatever its own approximations are.</summary>
internal static class Elementary
{
    /// <summary>eˣ to about 2 ulp, 0 below -87.33, finite below 88.7 (Cephes, expf).</summary>
    public static float Exp(float x)
    {
        var clamped = MathF.Max(MathF.Min(x, 88.37f), -87.33654f);

        // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
        var shifted = (clamped * 1.44269504f) + 12582912f;
        var n = shifted - 12582912f;
        var r = (n * -0.693359375f) + clamped;
        r = (n * 2.12194440e-4f) + r;
        var p = (r * 1.9875691500e-4f) + 1.3981999507e-3f;
        p = (p * r) + 8.3334519073e-3f;
        p = (p * r) + 4.1665795894e-2f;
        p = (p * r) + 1.6666665459e-1f;
        p = (p * r) + 5.0000001201e-1f;
        p = (p * (r * r)) + (r + 1f);
        var result = Interop.IntAsFloat(Interop.FloatAsInt(p) + (Interop.FloatAsInt(shifted) << 23));
        return x < -87.33654f ? 0f : float.IsNaN(x) ? x : result;
    }

    /// <summary>x / (1 + e⁻ˣ).</summary>
    public static float Silu(float x) => x / (1f + Exp(-x));

    /// <summary>x · Φ(x), erfc from Abramowitz and Stegun 7.1.26; the negative side is computed from the tail itself.</summary>
    public static float Gelu(float x)
    {
        var a = MathF.Abs(x) * 0.70710678f;
        var t = 1f / ((a * 0.3275911f) + 1f);
        var p = (t * 1.061405429f) + -1.453152027f;
        p = (p * t) + 1.421413741f;
        p = (p * t) + -0.284496736f;
        p = (p * t) + 0.254829592f;
        var tail = p * t * Exp(-(a * a));
        var negative = x * 0.5f * tail;
        return x < 0f ? negative : x - negative;
    }
}
