using System.Numerics;
using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Quantization.Tuning;

/// <summary>A linear layer whose float32 weights are bf16 values, so that a backend may hold and multiply them as such.</summary>
/// <param name="name">Its name, for messages.</param>
/// <param name="outputs">N.</param>
/// <param name="inputs">K.</param>
/// <param name="weight">[N, K].</param>
internal sealed class BrainFloatLinear(string name, int outputs, int inputs, float[] weight) : DenseLinear(name, outputs, inputs, DataType.BFloat16)
{
    /// <summary>Whether all of these numbers are bf16 values.</summary>
    public static bool Holds(ReadOnlySpan<float> weight)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<uint>>(weight);
        var lower = Vector<uint>.Zero;
        foreach (var vector in vectors) lower |= vector;
        var rest = 0u;
        foreach (var value in weight[(vectors.Length * Vector<uint>.Count)..]) rest |= BitConverter.SingleToUInt32Bits(value);
        return (lower & new Vector<uint>(0xFFFF)) == Vector<uint>.Zero && (rest & 0xFFFF) == 0;
    }

    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<float> target) => weight.AsSpan(first * Inputs, count * Inputs).CopyTo(target);

    /// <inheritdoc/>
    public override void ReadRaw(int first, int count, Span<byte> target)
    {
        var source = weight.AsSpan(first * Inputs, count * Inputs);
        var halves = MemoryMarshal.Cast<byte, ushort>(target);
        for (var i = 0; i < source.Length; i++) halves[i] = (ushort)(BitConverter.SingleToUInt32Bits(source[i]) >> 16);
    }
}
