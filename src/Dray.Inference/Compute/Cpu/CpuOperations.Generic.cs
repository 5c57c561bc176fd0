namespace Dray.Inference.Compute.Cpu;

/// <summary>The operations on one instruction set.</summary>
internal unsafe class CpuOperations<TSimd, TVec> : CpuOperations
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
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
                PagedAttention<WeightCodes.SmallFloats>(team, workspace, counter, q, cache, layer, layout, y);
                break;
            case KvCacheDataType.BFloat16:
                PagedAttention<WeightCodes.BrainFloats>(team, workspace, counter, q, cache, layer, layout, y);
                break;
            default:
                PagedAttention<WeightCodes.Floats>(team, workspace, counter, q, cache, layer, layout, y);
                break;
        }
    }

    private static void PagedAttention<TCode>(
        ThreadTeam team, Workspace workspace, WorkCounter counter, Tensor q, HostKvCache cache, int layer, AttentionLayout layout, Tensor y)
        where TCode : struct, IWeightCode
    {
        var job = new PagedAttentionJob<TSimd, TVec, TCode>(workspace, counter, new RowView(q), cache, layer, layout, new RowView(y));
        var blocks = job.Blocks();
        counter.Reset(blocks);
        team.Run(job, Math.Min(team.Size, blocks));
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
