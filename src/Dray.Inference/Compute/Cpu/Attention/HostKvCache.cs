namespace Dray.Inference.Compute.Cpu;

/// <summary>A paged KV cache, each block laid out for the attention kernels.</summary>
/// <remarks>
/// <code>
///  per layer, block and KV head, in 32-bit words of E = 1 float32, 2 bf16 or 4 fp8, the first in the high end:
///    keys    [headDim / E][16 tokens][E dimensions]    a vector holds the same dimensions of all tokens: scores need no horizontal sums
///    values  [16 tokens / E][headDim][E tokens]
///    scales  [16 keys][16 values]                      float32, fp8 only
/// </code>
/// A block is <see cref="KvCache.BlockTokens"/> · 2 · <see cref="KvCacheDataTypes.HeadBytes"/> long. Kernels read whole vectors, so up to 31
/// words beyond a row of values, and make nothing of them.
/// </remarks>
internal sealed unsafe class HostKvCache : KvCache
{
    private readonly NativeBlock _data;
    private readonly int _perWord;
    private readonly int _areaWords;
    private readonly int _blockWords;

    public HostKvCache(KvCacheShape shape)
        : base(shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Layers, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Blocks, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.KvHeads, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.HeadDim, 1, nameof(shape));
        _perWord = KvCacheDataTypes.PerWord(shape.DataType);
        KeyWords = KvCacheDataTypes.HeadWords(shape.DataType, shape.HeadDim);
        _areaWords = checked(BlockTokens * KeyWords);
        _blockWords = checked(BlockTokens * 2 * KvCacheDataTypes.HeadBytes(shape.DataType, shape.HeadDim) / sizeof(float));
        var bytes = checked((nuint)shape.Layers * (nuint)shape.Blocks * (nuint)shape.KvHeads * (nuint)_blockWords * sizeof(float));
        _data = new NativeBlock(checked(bytes + (AttentionKernel.Width * sizeof(float))));
    }

    /// <summary>Gets the words of one token's key.</summary>
    public int KeyWords { get; }

    /// <summary>Gets the distance from a block's start to its scales, in words; 0 if there are none.</summary>
    public int ScaleOffset => Shape.DataType == KvCacheDataType.Fp8E4M3 ? 2 * _areaWords : 0;

    /// <summary>The address of a block.</summary>
    public float* Block(int layer, int block, int kvHead)
    {
        ObjectDisposedException.ThrowIf(_data.Pointer is null, this);
        if ((uint)block >= (uint)Shape.Blocks)
            throw new ArgumentOutOfRangeException(nameof(block), block, $"The cache has {Shape.Blocks} blocks; use a block number below that.");
        return (float*)_data.Pointer + (((((nint)layer * Shape.Blocks) + block) * Shape.KvHeads) + kvHead) * _blockWords;
    }

    /// <summary>Stores one token's key and value of one head.</summary>
    public void Write(int layer, int slot, int kvHead, float* key, float* value)
    {
        var (block, offset) = Math.DivRem(slot, BlockTokens);
        var keys = Block(layer, block, kvHead) + offset;
        var values = Block(layer, block, kvHead) + _areaWords + (offset / _perWord * Shape.HeadDim);
        switch (Shape.DataType)
        {
            case KvCacheDataType.Fp8E4M3:
                var scales = Block(layer, block, kvHead) + ScaleOffset + offset;
                scales[0] = KvEncoder.WriteKey(key, Shape.HeadDim, (uint*)keys, BlockTokens);
                scales[BlockTokens] = KvEncoder.WriteValue(value, Shape.HeadDim, (byte*)values + 3 - (offset % 4));
                break;
            case KvCacheDataType.BFloat16:
                for (var d = 0; d < Shape.HeadDim; d++)
                {
                    ((ushort*)(keys + (d / 2 * BlockTokens)))[1 - (d % 2)] = BrainFloat.Encode(key[d]);
                    ((ushort*)(values + d))[1 - (offset % 2)] = BrainFloat.Encode(value[d]);
                }

                break;
            default:
                for (var d = 0; d < Shape.HeadDim; d++) keys[d * BlockTokens] = key[d];
                new Span<float>(value, Shape.HeadDim).CopyTo(new Span<float>(values, Shape.HeadDim));
                break;
        }
    }

    protected override void Dispose(bool disposing)
    {
        // The block frees itself when it is finalised.
        if (disposing) _data.Dispose();
    }
}
