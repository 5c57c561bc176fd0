using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>bfloat16, two in a word.</summary>
internal readonly struct BFloat16Codec : IKvCodec
{
    public bool HasScales => false;

    /// <summary>As <see cref="Dray.Inference.Compute.BrainFloat.Encode"/>.</summary>
    public static uint Encode(float value)
    {
        var bits = Interop.FloatAsInt(value);
        return (bits & 0x7FFFFFFF) > 0x7F800000 ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    }

    public Quad Keys(ArrayView<uint> words, long at, int d, KvGeometry geometry) =>
        Read(words[at + (d / 2)], d + 2 < geometry.HeadDim ? words[at + (d / 2) + 1] : 0);

    public Quad Values(ArrayView<uint> words, long at) => Read(words[at], words[at + 1]);

    private static Quad Read(uint first, uint second) => new(
        Interop.IntAsFloat(first << 16),
        Interop.IntAsFloat(first & 0xFFFF0000),
        Interop.IntAsFloat(second << 16),
        Interop.IntAsFloat(second & 0xFFFF0000));
}
