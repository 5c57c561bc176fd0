namespace Dray.Inference.Compute.Cpu;

/// <summary>Causal attention over the paged cache: threads take the plan's next item when they are done with one.</summary>
/// <param name="workspace">Scratch memory.</param>
/// <param name="counter">Counts the plan's items.</param>
/// <param name="plan">What the items are.</param>
/// <param name="q">Queries.</param>
/// <param name="cache">The cache.</param>
/// <param name="layer">Which layer of it.</param>
/// <param name="layout">Sequences and their blocks.</param>
/// <param name="y">Results; left to <see cref="JoinSpansJob{TSimd, TVec}"/> where items are spans.</param>
/// <param name="partials">The states of spans, where items are.</param>
/// <typeparam name="TSimd">Instruction set.</typeparam>
/// <typeparam name="TVec">Its vector.</typeparam>
/// <typeparam name="TCode">How the cache's words hold keys and values.</typeparam>
internal readonly unsafe struct PagedAttentionJob<TSimd, TVec, TCode>(
    Workspace workspace, WorkCounter counter, PagedAttentionPlan plan, RowView q, HostKvCache cache, int layer, AttentionLayout layout, RowView y, float* partials)
    : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
    where TCode : struct, IKvCode
{
    /// <summary>With more rows than this a key tile is widened to memory once; up to it each row tile decodes in registers.</summary>
    private static readonly int MostDirectRows = 2 * TSimd.TileRows;

    private readonly int _headDim = cache.Shape.HeadDim;
    private readonly int _keyDim = cache.KeyWords * TCode.PerWord;
    private readonly int _width = AttentionKernel.PaddedWidth(cache.Shape.HeadDim);

    public void Execute(TeamShare share)
    {
        var stateFloats = SoftmaxState<TSimd, TVec>.Floats(PagedAttentionPlan.MaxRows, _width);
        var panelFloats = KvPanel<TSimd, TVec, TCode>.Floats(_headDim);
        var states = workspace.Own(
            share.Thread, (2 * stateFloats) + panelFloats + QueryBlock<TSimd, TVec, TCode>.ScratchFloats(PagedAttentionPlan.MaxRows, _keyDim));
        var scratch = new Scratch((nint)states, (nint)(states + stateFloats), (nint)(states + (2 * stateFloats)), (nint)(states + (2 * stateFloats) + panelFloats));

        // Items come from the last to the first, since later queries see more keys; the sequence they belong to is looked for downwards.
        // Small ones are taken one ahead, to fetch the first keys of the next while one is computed.
        var takesAhead = layout.IsDecode;
        var place = new Place(layout.SequenceCount, plan.Items);
        var item = Next(ref place);
        while (item.Exists)
        {
            var next = takesAhead ? Next(ref place) : default;
            if (TCode.PerWord > 1 && item.Block.Rows > MostDirectRows) Attend<KvCodes.Widened>(item, next, scratch, widens: true);
            else Attend<TCode>(item, next, scratch, widens: false);
            item = takesAhead ? next : Next(ref place);
        }
    }

    private Item Next(ref Place place)
    {
        var number = counter.Next();
        if (number < 0) return default;
        while (number < place.First)
        {
            place.Sequence--;
            place.First -= plan.ItemsOf(layout.Sequences[place.Sequence]);
        }

        ref readonly var sequence = ref layout.Sequences[place.Sequence];
        var (block, span) = plan.IsSplit ? Math.DivRem(number - place.First, PagedAttentionPlan.Spans(sequence)) : (number - place.First, 0);
        return new Item(true, number, plan.Block(sequence, block), span);
    }

    private void Attend<TBlockCode>(in Item item, in Item next, in Scratch scratch, bool widens)
        where TBlockCode : struct, IKvCode
    {
        var block = item.Block;
        var queries = new QueryBlock<TSimd, TVec, TBlockCode>(block.Rows, _headDim, _keyDim, (float*)scratch.Block);
        for (var tile = 0; tile < queries.Tiles; tile++)
        {
            for (var r = 0; r < queries.Height(tile); r++) queries.SetQuery(tile, r, block.Row(q, queries.FirstRow(tile) + r, _headDim));
        }

        if (plan.IsSplit)
        {
            var state = new SoftmaxState<TSimd, TVec>(block.Rows, _width, partials + ((nint)item.Number * plan.PartialFloats));
            AddSpan(queries, state, item, item.Span, next, scratch, widens);
            return;
        }

        var whole = new SoftmaxState<TSimd, TVec>(block.Rows, _width, (float*)scratch.State);
        AddSpan(queries, whole, item, 0, next, scratch, widens);
        for (var span = 1; span * PagedAttentionPlan.SpanTokens < block.Context; span++)
        {
            var later = new SoftmaxState<TSimd, TVec>(block.Rows, _width, (float*)scratch.LaterState);
            AddSpan(queries, later, item, span, next, scratch, widens);
            whole.Join(later);
        }

        for (var row = 0; row < block.Rows; row++) whole.Finish(row, block.Row(y, row, _headDim), _headDim);
    }

    private void AddSpan<TBlockCode>(
        in QueryBlock<TSimd, TVec, TBlockCode> queries, in SoftmaxState<TSimd, TVec> state, in Item item, int span, in Item next, in Scratch scratch, bool widens)
        where TBlockCode : struct, IKvCode
    {
        var block = item.Block;
        var visible = stackalloc int[PagedAttentionPlan.MaxRows];
        var addresses = stackalloc float*[3 * KvTile.BlockCount];
        var (here, ahead) = ((nint)addresses, (nint)(addresses + KvTile.BlockCount));
        var panel = addresses + (2 * KvTile.BlockCount);
        var first = span * PagedAttentionPlan.SpanTokens;
        var end = Math.Min(first + PagedAttentionPlan.SpanTokens, block.Context);
        state.Clear();
        Find(block, first, here);
        for (var position = first; position < end; position += KvTile.Tokens)
        {
            if (position + KvTile.Tokens < block.Context) Find(block, position + KvTile.Tokens, ahead);
            else if (next.Exists) Find(next.Block, next.Span * PagedAttentionPlan.SpanTokens, ahead);
            else ahead = here;
            for (var row = 0; row < block.Rows; row++) visible[row] = Math.Min(KvTile.Tokens, block.Seen(row) - position);
            var tile = new KvTile(here, ahead, cache.KeyWords, _headDim);
            var scales = new KvScales(here, cache.ScaleOffset);
            if (widens) tile = KvPanel<TSimd, TVec, TCode>.Widen(tile, _headDim, Math.Min(KvTile.Tokens, block.Context - position), (float*)scratch.Panel, panel);
            queries.Add(state, tile, scales, visible);
            (here, ahead) = (ahead, here);
        }

        state.Multiply(TBlockCode.Unit);
    }

    /// <summary>The addresses of the cache's blocks from <paramref name="position"/> on; the last one's again where there are no more.</summary>
    private void Find(in PagedAttentionBlock block, int position, nint addresses)
    {
        var table = layout.BlockTable[block.Sequence.FirstBlock..];
        var last = (block.Context - 1) / KvCache.BlockTokens;
        for (var i = 0; i < KvTile.BlockCount; i++)
            ((float**)addresses)[i] = cache.Block(layer, table[Math.Min((position / KvCache.BlockTokens) + i, last)], block.KvHead);
    }

    /// <summary>One of the plan's items.</summary>
    private readonly record struct Item(bool Exists, int Number, PagedAttentionBlock Block, int Span);

    /// <summary>The sequence of the item that was taken last, and its first item.</summary>
    private record struct Place(int Sequence, int First);

    /// <summary>A thread's memory.</summary>
    private readonly record struct Scratch(nint State, nint LaterState, nint Panel, nint Block);
}
