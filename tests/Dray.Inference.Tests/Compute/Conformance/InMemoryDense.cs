using System.Runtime.InteropServices;
using Dray.Inference.Checkpoints;

namespace Dray.Tests.Compute;

/// <summary>A dense layer made up from a seed, in any of the three element types.</summary>
public sealed class InMemoryDense : DenseLinear
{
    private readonly float[] _values;

    public InMemoryDense(int seed, int outputs, int inputs, DataType dtype)
        : base($"dense-{dtype}", outputs, inputs, dtype)
    {
        var random = new Random(seed);
        _values = new float[outputs * inputs];
        for (var i = 0; i < _values.Length; i++) _values[i] = Round((random.NextSingle() - 0.5f) * 2, dtype);
    }

    public override void ReadRows(int first, int count, Span<float> target) => _values.AsSpan(first * Inputs, count * Inputs).CopyTo(target);

    public override void ReadRaw(int first, int count, Span<byte> target)
    {
        var rows = _values.AsSpan(first * Inputs, count * Inputs);
        switch (DataType)
        {
            case DataType.BFloat16:
                var brain = MemoryMarshal.Cast<byte, ushort>(target);
                for (var i = 0; i < rows.Length; i++) brain[i] = (ushort)(BitConverter.SingleToUInt32Bits(rows[i]) >> 16);
                break;
            case DataType.Float16:
                var half = MemoryMarshal.Cast<byte, Half>(target);
                for (var i = 0; i < rows.Length; i++) half[i] = (Half)rows[i];
                break;
            default:
                MemoryMarshal.AsBytes(rows).CopyTo(target);
                break;
        }
    }

    private static float Round(float value, DataType dtype) => dtype switch
    {
        DataType.BFloat16 => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000),
        DataType.Float16 => (float)(Half)value,
        _ => value,
    };
}
