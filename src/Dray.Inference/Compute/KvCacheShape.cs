namespace Dray.Inference.Compute;

/// <summary>Size of a paged KV cache.</summary>
/// <param name="Layers">Decoder layers.</param>
/// <param name="Blocks">Blocks of <see cref="KvCache.BlockTokens"/> tokens.</param>
/// <param name="KvHeads">KV heads per token.</param>
/// <param name="HeadDim">Width of one head.</param>
/// <param name="DataType">How keys and values are held.</param>
public readonly record struct KvCacheShape(int Layers, int Blocks, int KvHeads, int HeadDim, KvCacheDataType DataType = KvCacheDataType.Float32)
{
    /// <summary>Gets the bytes of one token's keys and values in all layers, scales included.</summary>
    public long BytesPerToken => checked(2L * Layers * KvHeads * KvCacheDataTypes.HeadBytes(DataType, HeadDim));
}
