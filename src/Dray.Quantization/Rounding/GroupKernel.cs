using System.Numerics;
using System.Runtime.InteropServices;

namespace Dray.Quantization.Rounding;

/// <summary>
/// The loops over one group's weights. A group that isn't whole vectors long ends in a vector padded with zeros, which change nothing. Weights
/// are divided by the scale, as upstream does: the product with its reciprocal may round to another code.
/// </summary>
internal static class GroupKernel
{
    private static Vector<int> SignBit => new(int.MinValue);

    /// <summary>The least and the greatest weight, or zero where that is beyond; NaN if there is one.</summary>
    public static (float Low, float High) Range(ReadOnlySpan<float> w)
    {
        var (lows, highs) = (Vector<float>.Zero, Vector<float>.Zero);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(w);
        foreach (var vector in vectors) (lows, highs) = (Vector.Min(lows, vector), Vector.Max(highs, vector));
        var (low, high) = (0f, 0f);
        for (var i = 0; i < Vector<float>.Count; i++) (low, high) = (MathF.Min(low, lows[i]), MathF.Max(high, highs[i]));
        foreach (var rest in w[(vectors.Length * Vector<float>.Count)..]) (low, high) = (MathF.Min(low, rest), MathF.Max(high, rest));
        return (low, high);
    }

    /// <summary>Writes <c>clamp(round(w / scale + v) + zero, 0, maxCode)</c>; halves round to even.</summary>
    /// <param name="w">The weights.</param>
    /// <param name="v">Their rounding offsets; empty for none.</param>
    /// <param name="grid">The group's grid.</param>
    /// <param name="maxCode">The largest code.</param>
    /// <param name="codes">Receives the codes.</param>
    public static void Encode(ReadOnlySpan<float> w, ReadOnlySpan<float> v, Grid grid, int maxCode, Span<byte> codes)
    {
        var whole = w.Length - (w.Length % Vector<byte>.Count);
        EncodeVectors(w[..whole], v.IsEmpty ? v : v[..whole], grid, maxCode, codes);
        if (whole < w.Length) EncodeRest(w[whole..], v.IsEmpty ? v : v[whole..], grid, maxCode, codes[whole..]);
    }

    /// <summary>
    /// Moves each rounding offset by <paramref name="rate"/> against the sign of its gradient, <c>d · scale</c> where the code is neither the
    /// least nor the greatest and 0 elsewhere, and returns the grid's gradient at the offsets as they were.
    /// </summary>
    /// <param name="w">The weights.</param>
    /// <param name="v">Their rounding offsets.</param>
    /// <param name="d">dL/dW of the rounded weights.</param>
    /// <param name="grid">The group's grid.</param>
    /// <param name="maxCode">The largest code.</param>
    /// <param name="rate">How far; 0 to leave the offsets alone.</param>
    public static GridGradient Step(ReadOnlySpan<float> w, Span<float> v, ReadOnlySpan<float> d, Grid grid, int maxCode, float rate)
    {
        var (scaleSums, clampedSums) = (Vector<float>.Zero, Vector<float>.Zero);
        var whole = w.Length - (w.Length % Vector<float>.Count);
        StepVectors(w[..whole], v[..whole], d[..whole], grid, maxCode, rate, ref scaleSums, ref clampedSums);
        if (whole < w.Length) StepRest(w[whole..], v[whole..], d[whole..], grid, maxCode, rate, ref scaleSums, ref clampedSums);
        return new GridGradient(Vector.Sum(scaleSums), -grid.Scale * Vector.Sum(clampedSums));
    }

    private static void StepVectors(
        ReadOnlySpan<float> w, Span<float> v, ReadOnlySpan<float> d, Grid grid, int maxCode, float rate,
        ref Vector<float> scaleSums, ref Vector<float> clampedSums)
    {
        var weights = MemoryMarshal.Cast<float, Vector<float>>(w);
        var offsets = MemoryMarshal.Cast<float, Vector<float>>(v);
        var gradients = MemoryMarshal.Cast<float, Vector<float>>(d);
        var (scale, zero, top) = (new Vector<float>(grid.Scale), new Vector<float>(grid.Zero), new Vector<float>(maxCode));
        var (step, sign) = (Vector.AsVectorInt32(new Vector<float>(rate)), Vector.AsVectorInt32(scale) & SignBit);
        var (scaleSum, clampedSum) = (scaleSums, clampedSums);
        for (var i = 0; i < weights.Length; i++)
        {
            var ratio = weights[i] / scale;
            var rounded = Vector.Round(ratio + offsets[i]) + zero;
            var code = Vector.ClampNative(rounded, Vector<float>.Zero, top);
            var free = Vector.GreaterThan(rounded, Vector<float>.Zero) & Vector.LessThan(rounded, top);
            var gradient = gradients[i];
            scaleSum = Vector.FusedMultiplyAdd(gradient, code - zero - Vector.AsVectorSingle(free & Vector.AsVectorInt32(ratio)), scaleSum);
            clampedSum += Vector.AsVectorSingle(Vector.AndNot(Vector.AsVectorInt32(gradient), free));
            var move = ((Vector.AsVectorInt32(gradient) ^ sign) & SignBit) | step;
            offsets[i] -= Vector.AsVectorSingle(Vector.AndNot(move & free, Vector.Equals(gradient, Vector<float>.Zero)));
        }

        (scaleSums, clampedSums) = (scaleSum, clampedSum);
    }

    private static void StepRest(
        ReadOnlySpan<float> w, Span<float> v, ReadOnlySpan<float> d, Grid grid, int maxCode, float rate,
        ref Vector<float> scaleSums, ref Vector<float> clampedSums)
    {
        Span<float> padded = stackalloc float[3 * Vector<float>.Count];
        var weights = padded[..Vector<float>.Count];
        var offsets = padded.Slice(Vector<float>.Count, Vector<float>.Count);
        var gradients = padded[(2 * Vector<float>.Count)..];
        w.CopyTo(weights);
        v.CopyTo(offsets);
        d.CopyTo(gradients);
        StepVectors(weights, offsets, gradients, grid, maxCode, rate, ref scaleSums, ref clampedSums);
        offsets[..v.Length].CopyTo(v);
    }

    private static void EncodeVectors(ReadOnlySpan<float> w, ReadOnlySpan<float> v, Grid grid, int maxCode, Span<byte> codes)
    {
        var weights = MemoryMarshal.Cast<float, Vector<float>>(w);
        var offsets = MemoryMarshal.Cast<float, Vector<float>>(v);
        var target = MemoryMarshal.Cast<byte, Vector<byte>>(codes);
        var (scale, zero, top) = (new Vector<float>(grid.Scale), new Vector<float>(grid.Zero), new Vector<float>(maxCode));
        for (var i = 0; i + 4 <= weights.Length; i += 4)
        {
            var four = weights.Slice(i, 4);
            var (a, b, c, d) = (four[0] / scale, four[1] / scale, four[2] / scale, four[3] / scale);
            if (!offsets.IsEmpty)
            {
                var added = offsets.Slice(i, 4);
                (a, b, c, d) = (a + added[0], b + added[1], c + added[2], d + added[3]);
            }

            var low = Vector.Narrow(Code(a, zero, top), Code(b, zero, top));
            target[i / 4] = Vector.Narrow(low, Vector.Narrow(Code(c, zero, top), Code(d, zero, top)));
        }
    }

    private static Vector<uint> Code(Vector<float> x, Vector<float> zero, Vector<float> top) =>
        Vector.AsVectorUInt32(Vector.ConvertToInt32Native(Vector.ClampNative(Vector.Round(x) + zero, Vector<float>.Zero, top)));

    private static void EncodeRest(ReadOnlySpan<float> w, ReadOnlySpan<float> v, Grid grid, int maxCode, Span<byte> codes)
    {
        Span<float> weights = stackalloc float[Vector<byte>.Count];
        Span<float> offsets = stackalloc float[Vector<byte>.Count];
        Span<byte> padded = stackalloc byte[Vector<byte>.Count];
        w.CopyTo(weights);
        v.CopyTo(offsets);
        EncodeVectors(weights, offsets, grid, maxCode, padded);
        padded[..codes.Length].CopyTo(codes);
    }
}
