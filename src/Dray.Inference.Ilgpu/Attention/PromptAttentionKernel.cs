using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Causal attention of a run of a prompt's tokens. A group takes 16 rows = tokens × query heads of one KV head, and its partitions one after the other.</summary>
internal static class PromptAttentionKernel
{
    public static void Run<TCodec>(PagedArguments a)
        where TCodec : struct, IKvCodec
    {
        var tile = AttentionTile.Allocate(a.Geometry.HeadDim);

        // What was before a partition and what is after it, by turns: other threads may still read the former.
        var totals = new RowTotals(SharedMemory.Allocate<float>(2 * TileRows.Count), SharedMemory.Allocate<float>(2 * TileRows.Count));

        var heads = a.Heads / a.Geometry.KvHeads;
        var entry = Grid.IdxX * DeviceLayout.Entry;
        var (token, tokens, position, firstBlock) = (a.Entries[entry], a.Entries[entry + 1], a.Entries[entry + 2], a.Entries[entry + 3]);
        var kvHead = Grid.IdxY / heads;
        var firstRow = Grid.IdxY % heads * TileRows.Count;
        var rows = Math.Min(TileRows.Count, (tokens * heads) - firstRow);
        var context = rows > 0 ? position + ((firstRow + rows - 1) / heads) + 1 : 0;

        var source = new PagedSource<TCodec>(a.Words, a.Blocks, firstBlock, kvHead, a.Geometry);
        tile.LoadQueries(a.Q, token, tokens, kvHead * heads, heads, firstRow, position, 1);
        for (var at = 0; at < context; at += AttentionTile.KeyTile)
        {
            var inPartition = at % KvPartition.Tokens;
            tile.Attend(source, at, Math.Min(AttentionTile.KeyTile, context - at), inPartition == 0);
            var isLast = at + AttentionTile.KeyTile >= context;
            if (!isLast && inPartition + AttentionTile.KeyTile < KvPartition.Tokens) continue;
            var partition = at / KvPartition.Tokens;
            for (var i = Group.IdxX; i < rows * a.Geometry.HeadDim; i += Group.DimX)
            {
                var (row, d) = (i / a.Geometry.HeadDim, i % a.Geometry.HeadDim);
                var (t, head) = ((firstRow + row) / heads, (kvHead * heads) + ((firstRow + row) % heads));
                var y = ((long)(token + t) * a.Y.Stride) + (head * a.Geometry.HeadDim) + d;
                var before = partition == 0 ? 0 : a.Y.Data[y];
                var value = totals.After(tile, row, partition, before, tile.Sum(row, d));
                a.Y.Data[y] = isLast ? value / totals.After(tile, row, partition, totals.Weight(row, partition), tile.Weight(row)) : value;
            }

            for (var row = Group.IdxX; row < rows; row += Group.DimX) totals.Add(tile, row, partition);
        }
    }
}
