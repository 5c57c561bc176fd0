using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>
/// Attention of sequences' single new tokens. A group takes all query heads of one KV head and every so many-th partition, however many
/// there are, so that what is launched does not depend on the context; a second launch merges.
/// </summary>
internal static class DecodeAttentionKernel
{
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
        if (Grid.IdxZ * KvPartition.Tokens > position) return;

        var source = new PagedSource<TCodec>(a.Words, a.Blocks, firstBlock, kvHead, a.Geometry);
        tile.LoadQueries(a.Q, token, 1, kvHead * heads, heads, firstRow, position, 1);
        for (var partition = Grid.IdxZ; partition * KvPartition.Tokens <= position; partition += Grid.DimZ)
        {
            var first = partition * KvPartition.Tokens;
            tile.Clear();
            tile.Attend(source, first, Math.Min(first + KvPartition.Tokens, position + 1));
            for (var i = Group.IdxX; i < rows * PartialFloats(a.Geometry.HeadDim); i += Group.DimX)
            {
                var (row, d) = (i / PartialFloats(a.Geometry.HeadDim), i % PartialFloats(a.Geometry.HeadDim));
                var head = (kvHead * heads) + firstRow + row;
                var at = (((long)(firstPartial + partition) * a.Heads) + head) * PartialFloats(a.Geometry.HeadDim);
                a.Partials[at + d] = d <= a.Geometry.HeadDim ? tile.Sum(row, d) : tile.Largest(row);
            }

            Group.Barrier();
        }
    }

    /// <summary>Merges the partitions of one query head in order. A thread per dimension.</summary>
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
}
