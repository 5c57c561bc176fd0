using System.Numerics;

namespace Dray.Quantization.Rounding;

/// <summary>float32 values rounded to the nearest bfloat16, the even one of two, as arithmetic on bfloat16 tensors gives them.</summary>
internal static class BrainFloat
{
    /// <summary>Rounds a finite value.</summary>
    public static float Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000);
    }

    /// <summary>Rounds finite values.</summary>
    public static Vector<float> Round(Vector<float> values)
    {
        var bits = Vector.AsVectorUInt32(values);
        return Vector.AsVectorSingle((bits + new Vector<uint>(0x7FFF) + ((bits >> 16) & Vector<uint>.One)) & new Vector<uint>(0xFFFF0000));
    }
}
