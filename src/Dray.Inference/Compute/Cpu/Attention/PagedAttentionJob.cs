namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Causal attention over the paged cache. The work is cut into blocks of query rows of one sequence and KV head, where the query heads that
/// share the KV head are rows of their own, and threads take the next block when they are done with one.
/// </summary>
/// <typeparam name="TSimd">Instruction set.</typeparam>
/// <typeparam name="TVec">Its vector.</typeparam>
/// <typeparam name="TCode">How the cache's words hold keys and values.</typeparam>
internal readonly unsafe struct PagedAttentionJob<TSimd, TVec, TCode>(
    Workspace workspace, WorkCounter counter, RowView q, HostKvCache cache, int layer, AttentionLayout layout, RowView y) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
    where TCode : struct, IWeightCode
{
    /// <summary>With more row tiles than this a key tile is widened to memory once; up to it each row tile decodes in registers.</summary>
    private const int MostDirectTiles = 2;

    private readonly int _headDim = cache.Shape.HeadDim;
    private readonly int _kvHeads = cache.Shape.KvHeads;
    private readonly int _sharing = q.Columns / cache.Shape.HeadDim / cache.Shape.KvHeads;

    /// <summary>Number of blocks.</summary>
    public int Blocks()
    {
        var count = 0;
        foreach (ref readonly var sequence in layout.Sequences) count += RowBlocks(sequence) * _kvHeads;
        return count;
    }

    public void Execute(TeamShare share)
    {
        var scratch = workspace.Own(share.Thread, QueryBlock<TSimd, TVec>.ScratchFloats(_headDim) + KeyTilePanel<TSimd, TVec, TCode>.Floats(_headDim));
        var sequences = layout.Sequences;
        var index = sequences.Length;
        var first = Blocks();

        // Blocks come from the last to the first, since later queries see more keys; the sequence they belong to is looked for downwards.
        for (int block; (block = counter.Next()) >= 0;)
        {
            while (block < first) first -= RowBlocks(sequences[--index]) * _kvHeads;
            var (rowBlock, kvHead) = Math.DivRem(block - first, _kvHeads);
            Attend(sequences[index], rowBlock * QueryBlock<TSimd, TVec>.MaxRows, kvHead, scratch);
        }
    }

    private int RowBlocks(in SequenceSpan sequence) =>
        ((sequence.Tokens * _sharing) + QueryBlock<TSimd, TVec>.MaxRows - 1) / QueryBlock<TSimd, TVec>.MaxRows;

    private void Attend(in SequenceSpan sequence, int firstRow, int kvHead, float* scratch)
    {
        var rows = Math.Min(QueryBlock<TSimd, TVec>.MaxRows, (sequence.Tokens * _sharing) - firstRow);
        var block = new QueryBlock<TSimd, TVec>(rows, _headDim, scratch);
        for (var tile = 0; tile < block.Tiles; tile++)
        {
            for (var r = 0; r < block.Height(tile); r++) block.SetQuery(tile, r, Head(q, sequence, firstRow + block.FirstRow(tile) + r, kvHead));
        }

        var widens = TCode.PerWord > 1 && block.Tiles > MostDirectTiles;
        var panel = scratch + QueryBlock<TSimd, TVec>.ScratchFloats(_headDim);
        var seen = stackalloc int[QueryBlock<TSimd, TVec>.MaxRows];
        var visible = stackalloc int[QueryBlock<TSimd, TVec>.MaxRows];
        for (var row = 0; row < rows; row++) seen[row] = sequence.ContextBefore + ((firstRow + row) / _sharing) + 1;
        var context = seen[rows - 1];
        var table = layout.BlockTable[sequence.FirstBlock..];
        for (var position = 0; position < context; position += TileUses.Width)
        {
            for (var row = 0; row < rows; row++) visible[row] = Math.Min(TileUses.Width, seen[row] - position);
            var keys = Tile(table, position, context, kvHead);
            if (widens) block.Add<WeightCodes.Floats>(KeyTilePanel<TSimd, TVec, TCode>.Widen(keys, _headDim, Math.Min(TileUses.Width, context - position), panel), visible);
            else block.Add<TCode>(keys, visible);
        }

        for (var row = 0; row < rows; row++) block.Finish(row, Head(y, sequence, firstRow + row, kvHead));
    }

    private float* Head(RowView view, in SequenceSpan sequence, int row, int kvHead) =>
        view.Row(sequence.FirstToken + (row / _sharing)) + (((kvHead * _sharing) + (row % _sharing)) * _headDim);

    private KeyTile Tile(ReadOnlySpan<int> table, int position, int context, int kvHead)
    {
        var index = position / KvCache.BlockTokens;
        var low = table[index];
        var high = position + KvCache.BlockTokens < context ? table[index + 1] : low;
        var values = cache.Values(layer, low, kvHead);
        var jump = cache.Values(layer, high, kvHead) - values - (KvCache.BlockTokens / TCode.PerWord * _headDim);
        return new KeyTile(
            (nint)cache.Keys(layer, low, kvHead),
            (nint)cache.Keys(layer, high, kvHead),
            KvCache.BlockTokens,
            (nint)values,
            _headDim,
            (nint)jump,
            cache.HasScales ? (nint)cache.Scales(layer, low, kvHead) : 0,
            cache.HasScales ? (nint)cache.Scales(layer, high, kvHead) : 0);
    }
}
