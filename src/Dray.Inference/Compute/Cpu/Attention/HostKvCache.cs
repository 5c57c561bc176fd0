namespace Dray.Inference.Compute.Cpu;

/// <summary>A paged KV cache in float32, each block laid out for the tile kernel.</summary>
/// <remarks>
/// <code>
///  per layer, block and KV head:
///    keys    [headDim][16 tokens]          a vector holds one dimension of all tokens: scores need no horizontal sums
///    values  [16 tokens][width]            width = headDim rounded up to 32, the rest zeros
/// </code>
/// Attention asks only for <see cref="Keys"/> and <see cref="Values"/>: a cache in fp8 or bf16 would widen blocks to a scratch there.
/// </remarks>
internal sealed unsafe class HostKvCache : KvCache
{
    private readonly NativeBlock _data;
    private readonly int _keyFloats;
    private readonly int _blockFloats;

    public HostKvCache(KvCacheShape shape)
        : base(shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Layers, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Blocks, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.KvHeads, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.HeadDim, 1, nameof(shape));
        ValueWidth = PaddedWidth(shape.HeadDim);
        _keyFloats = checked(BlockTokens * shape.HeadDim);
        _blockFloats = checked(_keyFloats + (BlockTokens * ValueWidth));
        _data = new NativeBlock(checked((nuint)shape.Layers * (nuint)shape.Blocks * (nuint)shape.KvHeads * (nuint)_blockFloats * sizeof(float)));
    }

    /// <summary>Gets the distance between two tokens' values.</summary>
    public int ValueWidth { get; }

    public static int PaddedWidth(int headDim) => (headDim + TileUses.Width - 1) / TileUses.Width * TileUses.Width;

    /// <summary>A block's keys, [headDim][16].</summary>
    public float* Keys(int layer, int block, int kvHead) => Block(layer, block, kvHead);

    /// <summary>A block's values, [16][<see cref="ValueWidth"/>].</summary>
    public float* Values(int layer, int block, int kvHead) => Block(layer, block, kvHead) + _keyFloats;

    /// <summary>Stores one token's key and value of one head.</summary>
    public void Write(int layer, int slot, int kvHead, float* key, float* value)
    {
        var (block, offset) = Math.DivRem(slot, BlockTokens);
        var keys = Keys(layer, block, kvHead) + offset;
        for (var d = 0; d < Shape.HeadDim; d++) keys[d * BlockTokens] = key[d];
        new Span<float>(value, Shape.HeadDim).CopyTo(new Span<float>(Values(layer, block, kvHead) + (offset * ValueWidth), Shape.HeadDim));
    }

    protected override void Dispose(bool disposing)
    {
        // The block frees itself when it is finalised.
        if (disposing) _data.Dispose();
    }

    private float* Block(int layer, int block, int kvHead)
    {
        ObjectDisposedException.ThrowIf(_data.Pointer is null, this);
        if ((uint)block >= (uint)Shape.Blocks)
            throw new ArgumentOutOfRangeException(nameof(block), block, $"The cache has {Shape.Blocks} blocks; use a block number below that.");
        return (float*)_data.Pointer + (((((nint)layer * Shape.Blocks) + block) * Shape.KvHeads) + kvHead) * _blockFloats;
    }
}
