namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The backward pass of <see cref="CausalAttentionJob{TSimd, TVec}"/>, item by item as it went forward; five products of a block of query
/// rows (Dao et al., "FlashAttention", 2022, algorithm 4).
/// </summary>
/// <remarks>
/// <code>
///  P  = 2^(Q · Kᵀ · scale − logSum)      dV += Pᵀ · dO       dP = dO · Vᵀ
///  dS = P ∘ (dP − Σ dO ∘ O) · scale      dQ  = dS · K        dK += dSᵀ · Q
/// </code>
/// </remarks>
internal readonly unsafe struct CausalAttentionGradientJob<TSimd, TVec>(
    Workspace workspace, CausalShape shape, AttentionGradientRows rows) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private const int MaxRows = CausalShape.BlockRows;

    private readonly int _width = SmallProduct<TSimd, TVec>.Padded(shape.HeadDim);
    private readonly int _keys = SmallProduct<TSimd, TVec>.Padded(shape.Length);

    public void Execute(TeamShare share)
    {
        var (transposed, panel, block) = ((nint)shape.HeadDim * _keys, (nint)shape.Length * _width, (nint)MaxRows * _width);
        var next = workspace.Own(share.Thread, (2 * transposed) + (3 * panel) + (2 * (nint)MaxRows * _keys) + (3 * block));
        var scratch = default(Scratch);
        scratch.KeysTransposed = new(Take(ref next, transposed), _keys);
        scratch.ValuesTransposed = new(Take(ref next, transposed), _keys);
        scratch.Keys = new(Take(ref next, panel), _width);
        scratch.KeyGradients = new(Take(ref next, panel), _width);
        scratch.ValueGradients = new(Take(ref next, panel), _width);
        scratch.Probabilities = new(Take(ref next, (nint)MaxRows * _keys), _keys);
        scratch.ScoreGradients = new(Take(ref next, (nint)MaxRows * _keys), _keys);
        scratch.Queries = new(Take(ref next, block), _width);
        scratch.OutputGradients = new(Take(ref next, block), _width);
        scratch.QueryGradients = new(Take(ref next, block), _width);
        foreach (var (first, end) in share.Of(rows.Queries.Rows / shape.Length * shape.KvHeads, 1))
        {
            for (var item = first; item < end; item++) Run(item / shape.KvHeads * shape.Length, item % shape.KvHeads, scratch);
        }
    }

    private static float* Take(ref float* next, nint count)
    {
        var taken = next;
        next += count;
        return taken;
    }

    private void Run(int firstRow, int kvHead, in Scratch scratch)
    {
        var column = kvHead * shape.HeadDim;
        HeadPanels.LoadTransposed(rows.Keys, firstRow, shape.Length, column, shape.HeadDim, scratch.KeysTransposed.Data, _keys);
        HeadPanels.LoadTransposed(rows.Values, firstRow, shape.Length, column, shape.HeadDim, scratch.ValuesTransposed.Data, _keys);
        HeadPanels.Load(rows.Keys, firstRow, shape.Length, column, shape.HeadDim, scratch.Keys.Data, _width);
        new Span<float>(scratch.KeyGradients.Data, shape.Length * _width).Clear();
        new Span<float>(scratch.ValueGradients.Data, shape.Length * _width).Clear();
        for (var head = kvHead * shape.GroupHeads; head < (kvHead + 1) * shape.GroupHeads; head++)
        {
            for (var row = 0; row < shape.Length; row += MaxRows) Block(firstRow, row, head, scratch);
        }

        HeadPanels.Store(scratch.KeyGradients.Data, _width, shape.Length, shape.HeadDim, rows.KeyGradients, firstRow, column);
        HeadPanels.Store(scratch.ValueGradients.Data, _width, shape.Length, shape.HeadDim, rows.ValueGradients, firstRow, column);
    }

    private void Block(int firstRow, int row, int head, in Scratch scratch)
    {
        var count = Math.Min(MaxRows, shape.Length - row);
        var visible = row + count;
        var columns = SmallProduct<TSimd, TVec>.Padded(visible);
        var (first, column) = (firstRow + row, head * shape.HeadDim);
        HeadPanels.Load(rows.Queries, first, count, column, shape.HeadDim, scratch.Queries.Data, _width);
        HeadPanels.Load(rows.OutputGradients, first, count, column, shape.HeadDim, scratch.OutputGradients.Data, _width);
        SmallProduct<TSimd, TVec>.Run(scratch.Queries, scratch.KeysTransposed, scratch.Probabilities, count, columns, shape.HeadDim, accumulate: false);
        SmallProduct<TSimd, TVec>.Run(scratch.OutputGradients, scratch.ValuesTransposed, scratch.ScoreGradients, count, columns, shape.HeadDim, accumulate: false);
        for (var i = 0; i < count; i++)
        {
            var product = Dot(rows.Outputs.Row(first + i) + column, scratch.OutputGradients.From(i, 0).Data);
            Differentiate(
                scratch.Probabilities.From(i, 0).Data, scratch.ScoreGradients.From(i, 0).Data, row + i + 1, columns, rows.LogSums.Row(first + i)[head], product);
        }

        SmallProduct<TSimd, TVec>.Run(
            scratch.Probabilities.Transposed, scratch.OutputGradients, scratch.ValueGradients, visible, _width, count, accumulate: true);
        SmallProduct<TSimd, TVec>.Run(scratch.ScoreGradients.Transposed, scratch.Queries, scratch.KeyGradients, visible, _width, count, accumulate: true);
        SmallProduct<TSimd, TVec>.Run(scratch.ScoreGradients, scratch.Keys, scratch.QueryGradients, count, _width, visible, accumulate: false);
        HeadPanels.Store(scratch.QueryGradients.Data, _width, count, shape.HeadDim, rows.QueryGradients, first, column);
    }

    /// <summary>Makes probabilities of a row's scores, and gradients of its scores from those of its probabilities.</summary>
    private void Differentiate(float* scores, float* gradients, int visible, int columns, float logSum, float product)
    {
        new Span<float>(scores + visible, columns - visible).Fill(float.NegativeInfinity);
        var (exponentScale, offset) = (TSimd.Broadcast(shape.ExponentScale), TSimd.Broadcast(-logSum));
        var (mean, scale) = (TSimd.Broadcast(product), TSimd.Broadcast(shape.ScoreScale));
        for (var i = 0; i < columns; i += TSimd.Lanes)
        {
            var probability = Elementary<TSimd, TVec>.Exp2(TSimd.MultiplyAdd(TSimd.Load(scores + i), exponentScale, offset));
            TSimd.Store(scores + i, probability);
            TSimd.Store(gradients + i, TSimd.Multiply(TSimd.Multiply(probability, scale), TSimd.Subtract(TSimd.Load(gradients + i), mean)));
        }
    }

    private float Dot(float* a, float* b)
    {
        TVec sums = default;
        var i = 0;
        for (; i + TSimd.Lanes <= shape.HeadDim; i += TSimd.Lanes) sums = TSimd.MultiplyAdd(TSimd.Load(a + i), TSimd.Load(b + i), sums);
        var sum = TSimd.Sum(sums);
        for (; i < shape.HeadDim; i++) sum += a[i] * b[i];
        return sum;
    }

    private struct Scratch
    {
        public MatrixView KeysTransposed;
        public MatrixView ValuesTransposed;
        public MatrixView Keys;
        public MatrixView KeyGradients;
        public MatrixView ValueGradients;
        public MatrixView Probabilities;
        public MatrixView ScoreGradients;
        public MatrixView Queries;
        public MatrixView OutputGradients;
        public MatrixView QueryGradients;
    }
}
