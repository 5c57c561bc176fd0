namespace Dray.Inference.Compute;

/// <summary>Size of a paged KV cache.</summary>
/// <param name="Layers">Decoder layers.</param>
/// <param name="Blocks">Blocks of <see cref="KvCache.BlockTokens"/> tokens.</param>
/// <param name="KvHeads">KV heads per token.</param>
/// <param name="HeadDim">Width of one head.</param>
public readonly record struct KvCacheShape(int Layers, int Blocks, int KvHeads, int HeadDim);
