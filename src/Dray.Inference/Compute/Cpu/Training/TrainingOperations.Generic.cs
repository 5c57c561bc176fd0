namespace Dray.Inference.Compute.Cpu;

/// <summary>Training's operations on one instruction set.</summary>
internal sealed unsafe class TrainingOperations<TSimd, TVec>(ThreadTeam team) : TrainingOperations
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private readonly Workspace _workspace = new(team.Size);

    public override void Add(Tensor x, Tensor y)
    {
        TensorGuard.SameShape(y, x);
        team.Run(new AddJob<TSimd, TVec>(new RowView(x), new RowView(y)), CpuOperations.ThreadsFor(team, x));
        Keep(x, y);
    }

    public override void CausalAttention(CausalShape shape, Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSums)
    {
        HaveShape(shape, q, k, v, logSums);
        TensorGuard.SameShape(y, q);
        var job = new CausalAttentionJob<TSimd, TVec>(_workspace, shape, new RowView(q), new RowView(k), new RowView(v), new RowView(y), new RowView(logSums));
        team.Run(job, team.Size);
        Keep(q, k);
        Keep(v, y);
        Keep(logSums, y);
    }

    public override void CausalAttentionGradient(
        CausalShape shape, Tensor q, Tensor k, Tensor v, Tensor y, Tensor logSums, Tensor dy, Tensor dq, Tensor dk, Tensor dv)
    {
        HaveShape(shape, q, k, v, logSums);
        TensorGuard.SameShape(y, q);
        TensorGuard.SameShape(dy, q);
        TensorGuard.SameShape(dq, q);
        TensorGuard.SameShape(dk, k);
        TensorGuard.SameShape(dv, v);
        var rows = new AttentionGradientRows
        {
            Queries = new RowView(q),
            Keys = new RowView(k),
            Values = new RowView(v),
            Outputs = new RowView(y),
            LogSums = new RowView(logSums),
            OutputGradients = new RowView(dy),
            QueryGradients = new RowView(dq),
            KeyGradients = new RowView(dk),
            ValueGradients = new RowView(dv),
        };
        team.Run(new CausalAttentionGradientJob<TSimd, TVec>(_workspace, shape, rows), team.Size);
        Keep(q, k);
        Keep(v, y);
        Keep(logSums, dy);
        Keep(dq, dk);
        Keep(dv, y);
    }

    public override void RmsNormGradient(Tensor x, Tensor gain, float epsilon, Tensor dy, Tensor dx)
    {
        TensorGuard.HasShape(gain, 1, x.Columns);
        TensorGuard.SameShape(dy, x);
        TensorGuard.SameShape(dx, x);
        var job = new RmsNormGradientJob<TSimd, TVec>(new RowView(x), new RowView(gain), epsilon, new RowView(dy), new RowView(dx));
        team.Run(job, CpuOperations.ThreadsFor(team, x));
        Keep(x, gain);
        Keep(dy, dx);
    }

    public override void SwiGluGradient(Tensor gateUp, Tensor dy)
    {
        TensorGuard.HasShape(gateUp, dy.Rows, dy.Columns * 2);
        team.Run(new SwiGluGradientJob<TSimd, TVec>(new RowView(gateUp), new RowView(dy)), CpuOperations.ThreadsFor(team, gateUp));
        Keep(gateUp, dy);
    }

    public override void SquaredError(Tensor prediction, Tensor target, ReadOnlySpan<float> weights, Span<double> errors)
    {
        TensorGuard.SameShape(target, prediction);
        TensorGuard.HasLength(weights.Length, prediction.Rows);
        TensorGuard.HasLength(errors.Length, prediction.Rows);
        fixed (float* weight = weights)
        {
            fixed (double* error = errors)
            {
                var job = new SquaredErrorJob<TSimd, TVec>(new RowView(prediction), new RowView(target), weight, error);
                team.Run(job, CpuOperations.ThreadsFor(team, prediction));
            }
        }

        Keep(prediction, target);
    }

    public override void Dispose() => _workspace.Dispose();

    private static void HaveShape(CausalShape shape, Tensor q, Tensor k, Tensor v, Tensor logSums)
    {
        TensorGuard.HasShape(q, q.Rows, shape.Heads * shape.HeadDim);
        TensorGuard.HasShape(k, q.Rows, shape.KvHeads * shape.HeadDim);
        TensorGuard.SameShape(v, k);
        TensorGuard.HasShape(logSums, q.Rows, shape.Heads);
        TensorGuard.HasLength(q.Rows % shape.Length, 0);
    }

    // Kernels hold bare pointers; the buffers must not be finalised under them.
    private static void Keep(Tensor a, Tensor b)
    {
        GC.KeepAlive(a.Buffer);
        GC.KeepAlive(b.Buffer);
    }
}
