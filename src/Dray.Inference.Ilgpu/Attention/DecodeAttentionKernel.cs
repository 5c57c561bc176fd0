using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// Attention of sequences' single new tokens. A group takes all query heads of one KV head and every so many-th partition, however many
/// there are, so that what is launched does not depend on the context; a second launch merges.
/// </summary>
internal static class DecodeAttentionKernel
{
    private const int TilesOfPartition = KvPartition.Tokens / AttentionTile.KeyTile;

    /// <summary>Floats of a partial result: sums per dimension, then the sum of weights and the largest score.</summary>
    public static int PartialFloats(int headDim) => headDim + 2;

    public static void Run<TCodec>(PagedArguments a)
        where TCodec : struct, IKvCodec
    {
        var tile = AttentionTile.Allocate(a.Geometry.HeadDim);
        var heads = a.Heads / a.Geometry.KvHeads;
        var tiles = (heads + TileRows.Count - 1) / TileRows.Count;
        var entry = Grid.IdxX * DeviceLayout.Entry;
        var (token, position, firstBlock, firstPartial) = (a.Entries[entry], a.Entries[entry + 1], a.Entries[entry + 2], a.Entries[entry + 3]);
        var kvHead = Grid.IdxY / tiles;
        var firstRow = Grid.IdxY % tiles * TileRows.Count;
        var rows = Math.Min(TileRows.Count, heads - firstRow);
        var source = new PagedSource<TCodec>(a.Words, a.Blocks, firstBlock, kvHead, a.Geometry);
        tile.LoadQueries(a.Q, token, 1, kvHead * heads, heads, firstRow, position, 1);
        var turns = Tiles(position, Grid.IdxZ, Grid.DimZ);
        for (var turn = 0; turn < turns; turn++)
        {
            var partition = Grid.IdxZ + (turn / TilesOfPartition * Grid.DimZ);
            var inPartition = turn % TilesOfPartition;
            var at = (partition * KvPartition.Tokens) + (inPartition * AttentionTile.KeyTile);
            tile.Attend(source, at, Math.Min(AttentionTile.KeyTile, position + 1 - at), inPartition == 0);
            if (turn + 1 < turns && inPartition + 1 < TilesOfPartition) continue;
            for (var i = Group.IdxX; i < rows * PartialFloats(a.Geometry.HeadDim); i += Group.DimX)
            {
                var (row, d) = (i / PartialFloats(a.Geometry.HeadDim), i % PartialFloats(a.Geometry.HeadDim));
                var head = (kvHead * heads) + firstRow + row;
                var to = (((long)(firstPartial + partition) * a.Heads) + head) * PartialFloats(a.Geometry.HeadDim);
                a.Partials[to + d] = d <= a.Geometry.HeadDim ? tile.Sum(row, d) : tile.Largest(row);
            }
        }
    }

    /// <summary>Merges the partitions of one query head in order. A thread per dimension.</summary>
    [Kernel(Traits = KernelTraits.Hot)]
    public static void Merge(MergeArguments a)
    {
        var entry = Grid.IdxX * DeviceLayout.Entry;
        var (token, position, firstPartial) = (a.Entries[entry], a.Entries[entry + 1], a.Entries[entry + 3]);
        var stride = PartialFloats(a.HeadDim);
        var head = Grid.IdxY;
        for (var d = Group.IdxX; d < a.HeadDim; d += Group.DimX)
        {
            var at = (((long)firstPartial * a.Heads) + head) * stride;
            var (value, weight, largest) = (a.Partials[at + d], a.Partials[at + a.HeadDim], a.Partials[at + a.HeadDim + 1]);
            for (var first = KvPartition.Tokens; first <= position; first += KvPartition.Tokens)
            {
                at += (long)a.Heads * stride;
                var merge = new PartitionMerge(largest, a.Partials[at + a.HeadDim + 1]);
                value = merge.Of(value, a.Partials[at + d]);
                weight = merge.Of(weight, a.Partials[at + a.HeadDim]);
                largest = merge.Largest;
            }

            a.Y.Data[((long)token * a.Y.Stride) + (head * a.HeadDim) + d] = value / weight;
        }
    }

    /// <summary>Tiles of the partitions <paramref name="first"/>, first + step, … of a context.</summary>
    private static int Tiles(int position, int first, int step)
    {
        var last = position / KvPartition.Tokens;
        if (first > last) return 0;
        var tiles = (((last - first) / step) + 1) * TilesOfPartition;
        var missing = TilesOfPartition - 1 - (position % KvPartition.Tokens / AttentionTile.KeyTile);
        return (last - first) % step == 0 ? tiles - missing : tiles;
    }
}
