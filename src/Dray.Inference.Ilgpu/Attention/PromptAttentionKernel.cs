using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Causal attention of a run of a prompt's tokens. A group takes 16 rows = tokens × query heads of one KV head, and its partitions one after the other.</summary>
internal static class PromptAttentionKernel
{
    public static void Run<TCodec>(PagedArguments a)
        where TCodec : struct, IKvCodec
    {
        var tile = AttentionTile.Allocate(a.Geometry.HeadDim);
        var largest = SharedMemory.Allocate<float>(TileRows.Count);
        var weights = SharedMemory.Allocate<float>(TileRows.Count);

        var heads = a.Heads / a.Geometry.KvHeads;
        var entry = Grid.IdxX * DeviceLayout.Entry;
        var (token, tokens, position, firstBlock) = (a.Entries[entry], a.Entries[entry + 1], a.Entries[entry + 2], a.Entries[entry + 3]);
        var kvHead = Grid.IdxY / heads;
        var firstRow = Grid.IdxY % heads * TileRows.Count;
        var rows = Math.Min(TileRows.Count, (tokens * heads) - firstRow);
        if (rows <= 0) return;

        var source = new PagedSource<TCodec>(a.Words, a.Blocks, firstBlock, kvHead, a.Geometry);
        tile.LoadQueries(a.Q, token, tokens, kvHead * heads, heads, firstRow, position, 1);
        var context = tile.Limit(rows - 1) + 1;
        for (var first = 0; first < context; first += KvPartition.Tokens)
        {
            tile.Clear();
            tile.Attend(source, first, Math.Min(first + KvPartition.Tokens, context));
            var isLast = first + KvPartition.Tokens >= context;
            for (var i = Group.IdxX; i < rows * a.Geometry.HeadDim; i += Group.DimX)
            {
                var (row, d) = (i / a.Geometry.HeadDim, i % a.Geometry.HeadDim);
                var (t, head) = ((firstRow + row) / heads, (kvHead * heads) + ((firstRow + row) % heads));
                var at = ((long)(token + t) * a.Y.Stride) + (head * a.Geometry.HeadDim) + d;
                var (value, weight) = (tile.Sum(row, d), tile.Weight(row));
                if (first > 0)
                {
                    var (before, weightBefore) = (a.Y.Data[at], weights[row]);
                    var merge = new PartitionMerge(largest[row], tile.Largest(row));
                    var seen = tile.Limit(row) >= first;
                    value = seen ? merge.Of(before, value) : before;
                    weight = seen ? merge.Of(weightBefore, weight) : weightBefore;
                }

                a.Y.Data[at] = isLast ? value / weight : value;
            }

            Group.Barrier();
            for (var row = Group.IdxX; row < rows; row += Group.DimX) Remember(tile, largest, weights, row, first);
            Group.Barrier();
        }
    }

    private static void Remember(AttentionTile tile, ArrayView<float> largest, ArrayView<float> weights, int row, int first)
    {
        if (tile.Limit(row) < first) return;
        if (first == 0)
        {
            (largest[row], weights[row]) = (tile.Largest(row), tile.Weight(row));
            return;
        }

        var merge = new PartitionMerge(largest[row], tile.Largest(row));
        (largest[row], weights[row]) = (merge.Largest, merge.Of(weights[row], tile.Weight(row)));
    }
}
