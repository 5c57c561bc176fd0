namespace Dray.Inference.Compute.Cpu;

/// <summary>The operations on one instruction set.</summary>
internal unsafe class CpuOperations<TSimd, TVec> : CpuOperations
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    public override string MultiplyInstruction => "float32 multiply-add";

    public override double RunMultiplies(ThreadTeam team, int repeats)
    {
        team.Run(new MultiplyAddJob<TSimd, TVec>(repeats), team.Size);
        return team.Size * MultiplyAddJob<TSimd, TVec>.OperationsOf(repeats);
    }

    public override void MatMul(ThreadTeam team, Workspace workspace, Tensor x, MatrixSpan weight, Tensor y, bool accumulate) =>
        MatMulOperation<TSimd, TVec>.Run(team, workspace, x, weight, y, accumulate);

    public override void RmsNorm(ThreadTeam team, Tensor x, Tensor gain, float epsilon, Tensor y) =>
        team.Run(new RmsNormJob<TSimd, TVec>(new RowView(x), new RowView(gain), epsilon, new RowView(y)), ThreadsFor(team, x));

    public override void Rope(ThreadTeam team, Tensor x, int headDim, Tensor cos, Tensor sin) =>
        team.Run(new RopeJob<TSimd, TVec>(new RowView(x), headDim, new RowView(cos), new RowView(sin)), ThreadsFor(team, x));

    public override void SwiGlu(ThreadTeam team, Tensor gateUp, Tensor y) =>
        team.Run(new SwiGluJob<TSimd, TVec>(new RowView(gateUp), new RowView(y)), ThreadsFor(team, gateUp));

    public override void Gelu(ThreadTeam team, Tensor x) => team.Run(new GeluJob<TSimd, TVec>(new RowView(x)), ThreadsFor(team, x));

    public override void PagedAttention(
        ThreadTeam team, Workspace workspace, WorkCounter counter, Tensor q, HostKvCache cache, int layer, AttentionLayout layout, Tensor y)
    {
        switch (cache.Shape.DataType)
        {
            case KvCacheDataType.Fp8E4M3:
                PagedAttention<KvCodes.SmallFloats>(team, workspace, counter, q, cache, layer, layout, y);
                break;
            case KvCacheDataType.BFloat16:
                PagedAttention<KvCodes.BrainFloats>(team, workspace, counter, q, cache, layer, layout, y);
                break;
            default:
                PagedAttention<KvCodes.Floats>(team, workspace, counter, q, cache, layer, layout, y);
                break;
        }
    }

    private static void PagedAttention<TCode>(
        ThreadTeam team, Workspace workspace, WorkCounter counter, Tensor q, HostKvCache cache, int layer, AttentionLayout layout, Tensor y)
        where TCode : struct, IKvCode
    {
        var (queries, results) = (new RowView(q), new RowView(y));
        var (kvHeads, headDim) = (cache.Shape.KvHeads, cache.Shape.HeadDim);
        var stateFloats = SoftmaxState<TSimd, TVec>.Floats(1, AttentionKernel.PaddedWidth(headDim));
        var plan = new PagedAttentionPlan(layout, kvHeads, q.Columns / headDim / kvHeads, team.Size, stateFloats);
        var partials = plan.IsSplit ? workspace.Shared((nint)plan.Items * plan.PartialFloats) : null;
        counter.Reset(plan.Items);
        team.Run(
            new PagedAttentionJob<TSimd, TVec, TCode>(workspace, counter, plan, queries, cache, layer, layout, results, partials),
            Math.Min(team.Size, plan.Items));
        if (plan.IsSplit) team.Run(new JoinSpansJob<TSimd, TVec>(plan, headDim, layout, results, partials), Math.Min(team.Size, plan.BlockCount));
    }

    public override void SegmentAttention(
        ThreadTeam team, Workspace workspace, Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y)
    {
        fixed (int* lengths = segments)
        {
            var job = new SegmentAttentionJob<TSimd, TVec>(
                workspace, new RowView(q), new RowView(k), new RowView(v), headDim, lengths, segments.Length, new RowView(y));
            team.Run(job, Math.Min(team.Size, job.Blocks()));
        }
    }
}
