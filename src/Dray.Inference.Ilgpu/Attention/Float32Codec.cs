using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>float32.</summary>
internal readonly struct Float32Codec : IKvCodec
{
    public bool HasScales => false;

    public Quad Keys(ArrayView<uint> words, long at, int d, KvGeometry geometry) => new(
        Interop.IntAsFloat(words[at + d]),
        d + 1 < geometry.HeadDim ? Interop.IntAsFloat(words[at + d + 1]) : 0,
        d + 2 < geometry.HeadDim ? Interop.IntAsFloat(words[at + d + 2]) : 0,
        d + 3 < geometry.HeadDim ? Interop.IntAsFloat(words[at + d + 3]) : 0);

    public Quad Values(ArrayView<uint> words, long at) => new(
        Interop.IntAsFloat(words[at]),
        Interop.IntAsFloat(words[at + 1]),
        Interop.IntAsFloat(words[at + 2]),
        Interop.IntAsFloat(words[at + 3]));
}
