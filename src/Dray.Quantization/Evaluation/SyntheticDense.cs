using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Quantization.Evaluation;

/// <summary>A bf16 layer of any size, cut out of some random numbers from -1 to 1 over and over.</summary>
/// <param name="name">What messages call it.</param>
/// <param name="outputs">N.</param>
/// <param name="inputs">K.</param>
internal sealed class SyntheticDense(string name, int outputs, int inputs) : DenseLinear(name, outputs, inputs, DataType.BFloat16)
{
    /// <inheritdoc/>
    public override void ReadRows(int first, int count, Span<float> target)
    {
        var raw = new ushort[count * Inputs];
        ReadRaw(first, count, MemoryMarshal.AsBytes(raw.AsSpan()));
        for (var i = 0; i < raw.Length; i++) target[i] = BitConverter.UInt32BitsToSingle((uint)raw[i] << 16);
    }

    /// <inheritdoc/>
    public override void ReadRaw(int first, int count, Span<byte> target) =>
        SyntheticNoise.Copy(SyntheticNoise.BrainFloats, (long)first * Inputs, MemoryMarshal.Cast<byte, ushort>(target)[..(count * Inputs)]);
}
