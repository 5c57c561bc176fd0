using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Reads one of the cache's data types. Implemented by empty structs, so that a kernel is compiled for each.</summary>
internal interface IKvCodec
{
    /// <summary>Gets whether codes are multiplied by a scale per token.</summary>
    bool HasScales { get; }

    /// <summary>Dimensions d … d + 3 of the key whose words begin at <paramref name="at"/>; d is a multiple of 4, what lies beyond the head is 0.</summary>
    Quad Keys(ArrayView<uint> words, long at, int d, KvGeometry geometry);

    /// <summary>Dimension d of four tokens' values.</summary>
    /// <param name="words">The layer.</param>
    /// <param name="at">The word of dimension d of the first of them.</param>
    Quad Values(ArrayView<uint> words, long at);
}
