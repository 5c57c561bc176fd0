namespace Dray.Inference.Compute.Cpu;

/// <summary>Joins the spans of each block, in order, and writes its rows' results.</summary>
internal readonly unsafe struct JoinSpansJob<TSimd, TVec>(PagedAttentionPlan plan, int headDim, AttentionLayout layout, RowView y, float* partials) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private readonly int _width = AttentionKernel.PaddedWidth(headDim);

    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(plan.BlockCount))
        {
            var (item, number) = (0, 0);
            foreach (ref readonly var sequence in layout.Sequences)
            {
                var spans = PagedAttentionPlan.Spans(sequence);
                for (var block = 0; block < plan.Blocks(sequence); block++, item += spans, number++)
                {
                    if (number >= first && number < end) Join(plan.Block(sequence, block), item, spans);
                }
            }
        }
    }

    private void Join(in PagedAttentionBlock block, int item, int spans)
    {
        var whole = State(block, item);
        for (var span = 1; span < spans; span++) whole.Join(State(block, item + span));
        for (var row = 0; row < block.Rows; row++) whole.Finish(row, block.Row(y, row, headDim), headDim);
    }

    private SoftmaxState<TSimd, TVec> State(in PagedAttentionBlock block, int item) => new(block.Rows, _width, partials + ((nint)item * plan.PartialFloats));
}
