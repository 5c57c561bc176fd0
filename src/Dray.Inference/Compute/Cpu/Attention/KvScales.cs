namespace Dray.Inference.Compute.Cpu;

/// <summary>Where the scales of a <see cref="KvTile"/> lie.</summary>
/// <param name="Blocks">The addresses of the tile's blocks in the cache.</param>
/// <param name="Offset">Distance from a block's start to its 16 scales of keys, which those of values follow, in words; 0 if there are none.</param>
internal readonly unsafe record struct KvScales(nint Blocks, int Offset)
{
    public bool Exist => Offset != 0;

    /// <summary>Scales of the keys from <paramref name="column"/> on, to the end of their 16.</summary>
    public float* Keys(int column) => ((float**)Blocks)[column / KvCache.BlockTokens] + Offset + (column % KvCache.BlockTokens);

    /// <summary>As <see cref="Keys"/>, of the values.</summary>
    public float* Values(int column) => Keys(column) + KvCache.BlockTokens;
}
