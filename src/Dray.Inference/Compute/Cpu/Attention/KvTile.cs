namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Where the keys and values of 64 successive tokens of one KV head lie: in blocks of 16, keys first and then values, as
/// <see cref="HostKvCache"/> and <see cref="KvPanel{TSimd, TVec, TCode}"/> lay them out.
/// </summary>
/// <param name="Blocks">The addresses of the blocks; any readable one where there is none.</param>
/// <param name="NextBlocks">Those of blocks that will be wanted after these, to be fetched meanwhile.</param>
/// <param name="KeyWords">32-bit words of a key.</param>
/// <param name="ValueStride">Distance between successive words of a dimension's values.</param>
internal readonly unsafe record struct KvTile(nint Blocks, nint NextBlocks, int KeyWords, int ValueStride)
{
    /// <summary>Tokens of a tile.</summary>
    public const int Tokens = 64;

    /// <summary>Blocks of a tile.</summary>
    public const int BlockCount = Tokens / KvCache.BlockTokens;

    /// <summary>Gets the distance from a block's start to its values, in words.</summary>
    public int ValueOffset => KeyWords * KvCache.BlockTokens;

    /// <summary>The address of a block.</summary>
    public float* Block(int index) => ((float**)Blocks)[index];

    /// <summary>The address of the block to fetch while that one is read.</summary>
    public float* Next(int index) => ((float**)NextBlocks)[index];
}
