using System.Numerics;
using System.Runtime.InteropServices;

namespace Dray.Inference.Checkpoints;

/// <summary>Exact conversion of stored element types to float32.</summary>
internal static class Widening
{
    /// <summary>Bytes of an element.</summary>
    public static int SizeOf(DataType type) => type switch
    {
        DataType.BFloat16 or DataType.Float16 => 2,
        DataType.Float32 or DataType.Int32 => 4,
        DataType.Int64 => 8,
        _ => 1,
    };

    /// <summary>Widens bf16, fp16 or fp32 elements; <paramref name="source"/> need not be aligned.</summary>
    public static void ToSingle(DataType type, ReadOnlySpan<byte> source, Span<float> target)
    {
        switch (type)
        {
            case DataType.BFloat16:
                BFloat16(MemoryMarshal.Cast<byte, ushort>(source), target);
                break;
            case DataType.Float16:
                Float16(MemoryMarshal.Cast<byte, ushort>(source), target);
                break;
            case DataType.Float32:
                source.CopyTo(MemoryMarshal.AsBytes(target));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Only bf16, fp16 and fp32 widen to float32.");
        }
    }

    private static void BFloat16(ReadOnlySpan<ushort> source, Span<float> target)
    {
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            Vector.AsVectorSingle(low << 16).CopyTo(target[i..]);
            Vector.AsVectorSingle(high << 16).CopyTo(target[(i + Vector<float>.Count)..]);
        }

        for (; i < source.Length; i++)
            target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    private static void Float16(ReadOnlySpan<ushort> source, Span<float> target)
    {
        var i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            Float16(low).CopyTo(target[i..]);
            Float16(high).CopyTo(target[(i + Vector<float>.Count)..]);
        }

        for (; i < source.Length; i++)
            target[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
    }

    /// <summary>
    /// Exponent and mantissa moved into float32's place and multiplied by 2^(127 - 15), which is exact and brings subnormals right;
    /// infinities and NaN get float32's exponent instead.
    /// </summary>
    private static Vector<float> Float16(Vector<uint> half)
    {
        var magnitude = (half & new Vector<uint>(0x7FFF)) << 13;
        var scaled = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) * BitConverter.UInt32BitsToSingle((254 - 15) << 23));
        var special = Vector.Equals(half & new Vector<uint>(0x7C00), new Vector<uint>(0x7C00));
        scaled |= special & new Vector<uint>(0x7F800000);
        return Vector.AsVectorSingle(scaled | ((half & new Vector<uint>(0x8000)) << 16));
    }
}
