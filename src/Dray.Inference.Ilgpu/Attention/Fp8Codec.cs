using Dray.Inference.Compute;
using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>fp8 e4m3, four in a word, each to be multiplied by its head's scale.</summary>
internal readonly struct Fp8Codec : IKvCodec
{
    public bool HasScales => true;

    /// <summary>As <see cref="Fp8E4M3.Encode"/>.</summary>
    public static uint Encode(float value)
    {
        var bits = Interop.FloatAsInt(value);
        var sign = (bits >> 24) & 0x80;
        var magnitude = bits & 0x7FFFFFFF;
        if (magnitude > 0x7F800000) return sign | Fp8E4M3.NaN;
        if (magnitude > LargestBits) magnitude = LargestBits;
        if (magnitude < MinNormalBits) return sign | (Interop.FloatAsInt(Interop.IntAsFloat(magnitude) + Fp8E4M3.SubnormalMagic) & 0xF);
        magnitude += 0x7FFFF + ((magnitude >> 20) & 1);
        return sign | ((magnitude >> 20) - Fp8E4M3.ExponentShift);
    }

    /// <summary>As <see cref="Fp8E4M3.Decode"/>, in the low byte; makes no subnormal float on the way, which a device may flush.</summary>
    public static float Decode(uint code)
    {
        var magnitude = code & 0x7F;
        var value = magnitude < 8 ? (int)magnitude * SmallestSubnormal : Interop.IntAsFloat((magnitude << 20) + ((127u - 7) << 23));
        if (magnitude == Fp8E4M3.NaN) value = float.NaN;
        return (code & 0x80) == 0 ? value : -value;
    }

    public Quad Keys(ArrayView<uint> words, long at, int d, KvGeometry geometry) => Read(words[at + (d / 4)]);

    public Quad Values(ArrayView<uint> words, long at) => Read(words[at]);

    private const uint LargestBits = 0x43E00000;
    private const uint MinNormalBits = 0x3C800000;
    private const float SmallestSubnormal = 1f / 512;

    private static Quad Read(uint word) => new(Decode(word), Decode(word >> 8), Decode(word >> 16), Decode(word >> 24));
}
