namespace Dray.Inference.Compute;

/// <summary>
/// The 8-bit float e4m3fn: sign, 4 exponent bits of bias 7, 3 mantissa bits; no infinity, 0x7f and 0xff are NaN (Micikevicius et al. 2022,
/// "FP8 formats for deep learning").
/// </summary>
public static class Fp8E4M3
{
    /// <summary>The largest value, 0x7e.</summary>
    public const float MaxValue = 448;

    /// <summary>The code of NaN.</summary>
    public const byte NaN = 0x7f;

    /// <summary>The smallest normal value, 2⁻⁶; below it steps are 2⁻⁹.</summary>
    internal const float MinNormal = 1f / 64;

    /// <summary>Adding it leaves a value below <see cref="MinNormal"/> as a number of steps in the low bits, rounded to nearest even.</summary>
    internal const float SubnormalMagic = 16384;

    /// <summary>What is taken from a float's upper bits to make its exponent this format's: 127 − 7 in the exponent's place.</summary>
    internal const int ExponentShift = (127 - 7) << 3;

    /// <summary>Rounds to nearest even; beyond ±448 saturates.</summary>
    public static byte Encode(float value)
    {
        var sign = (byte)((BitConverter.SingleToUInt32Bits(value) >> 24) & 0x80);
        if (float.IsNaN(value)) return (byte)(sign | NaN);
        var magnitude = Math.Min(Math.Abs(value), MaxValue);
        if (magnitude < MinNormal) return (byte)(sign | (BitConverter.SingleToInt32Bits(magnitude + SubnormalMagic) & 0xF));
        var bits = BitConverter.SingleToInt32Bits(magnitude);
        bits += 0x7FFFF + ((bits >> 20) & 1);
        return (byte)(sign | ((bits >> 20) - ExponentShift));
    }

    /// <summary>The exact value of a code.</summary>
    public static float Decode(byte code)
    {
        var magnitude = code & 0x7f;
        if (magnitude == NaN) return float.NaN;

        // Exponent and mantissa in a float's place are 2¹²⁰ too small, subnormals included.
        var value = BitConverter.Int32BitsToSingle(magnitude << 20) * BitConverter.UInt32BitsToSingle((127u + 120) << 23);
        return code < 0x80 ? value : -value;
    }
}
