namespace Dray.Inference.Compute;

/// <summary>bfloat16: the upper half of a float32.</summary>
public static class BrainFloat
{
    /// <summary>Rounds to nearest even; a NaN stays one.</summary>
    public static ushort Encode(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The exact value of a code.</summary>
    public static float Decode(ushort code) => BitConverter.UInt32BitsToSingle((uint)code << 16);
}
