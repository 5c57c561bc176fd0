namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Causal attention within samples. An item is a sample's key and value head with its query heads; scores are held of
/// <see cref="CausalShape.BlockRows"/> query rows at a time, over all keys that the last of them sees.
/// </summary>
/// <remarks><c>logSums[row, head] = log2 Σ over keys 2^(score · log2 e)</c>: what the backward pass makes the probabilities from again.</remarks>
internal readonly unsafe struct CausalAttentionJob<TSimd, TVec>(
    Workspace workspace, CausalShape shape, RowView q, RowView k, RowView v, RowView y, RowView logSums) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private readonly int _width = SmallProduct<TSimd, TVec>.Padded(shape.HeadDim);
    private readonly int _keys = SmallProduct<TSimd, TVec>.Padded(shape.Length);

    public void Execute(TeamShare share)
    {
        var keys = workspace.Own(share.Thread, ((nint)(shape.HeadDim + CausalShape.BlockRows) * _keys) + ((nint)(shape.Length + CausalShape.BlockRows) * _width));
        var values = keys + ((nint)shape.HeadDim * _keys);
        var scores = values + ((nint)shape.Length * _width);
        var outputs = scores + ((nint)CausalShape.BlockRows * _keys);
        foreach (var (first, end) in share.Of(q.Rows / shape.Length * shape.KvHeads, 1))
        {
            for (var item = first; item < end; item++)
            {
                var (sample, kvHead) = Math.DivRem(item, shape.KvHeads);
                var firstRow = sample * shape.Length;
                HeadPanels.LoadTransposed(k, firstRow, shape.Length, kvHead * shape.HeadDim, shape.HeadDim, keys, _keys);
                HeadPanels.Load(v, firstRow, shape.Length, kvHead * shape.HeadDim, shape.HeadDim, values, _width);
                for (var head = kvHead * shape.GroupHeads; head < (kvHead + 1) * shape.GroupHeads; head++)
                {
                    for (var row = 0; row < shape.Length; row += CausalShape.BlockRows) Block(firstRow, row, head, keys, values, scores, outputs);
                }
            }
        }
    }

    private void Block(int firstRow, int row, int head, float* keys, float* values, float* scores, float* outputs)
    {
        var rows = Math.Min(CausalShape.BlockRows, shape.Length - row);
        var visible = row + rows;
        var columns = SmallProduct<TSimd, TVec>.Padded(visible);
        var column = head * shape.HeadDim;
        var queries = new MatrixView(q.Row(firstRow + row) + column, q.Stride);
        var probabilities = new MatrixView(scores, _keys);
        SmallProduct<TSimd, TVec>.Run(queries, new MatrixView(keys, _keys), probabilities, rows, columns, shape.HeadDim, accumulate: false);
        for (var i = 0; i < rows; i++) logSums.Row(firstRow + row + i)[head] = Softmax(scores + ((nint)i * _keys), row + i + 1, columns);
        SmallProduct<TSimd, TVec>.Run(probabilities, new MatrixView(values, _width), new MatrixView(outputs, _width), rows, _width, visible, accumulate: false);
        HeadPanels.Store(outputs, _width, rows, shape.HeadDim, y, firstRow + row, column);
    }

    private float Softmax(float* scores, int visible, int columns)
    {
        new Span<float>(scores + visible, columns - visible).Fill(float.NegativeInfinity);
        var highest = TSimd.Load(scores);
        for (var i = TSimd.Lanes; i < visible; i += TSimd.Lanes) highest = TSimd.Max(highest, TSimd.Load(scores + i));
        var maximum = TSimd.HighestLane(highest) * shape.ExponentScale;
        var (scale, offset) = (TSimd.Broadcast(shape.ExponentScale), TSimd.Broadcast(-maximum));
        TVec sums = default;
        for (var i = 0; i < columns; i += TSimd.Lanes)
        {
            var power = Elementary<TSimd, TVec>.Exp2(TSimd.MultiplyAdd(TSimd.Load(scores + i), scale, offset));
            sums = TSimd.Add(sums, power);
            TSimd.Store(scores + i, power);
        }

        var sum = TSimd.Sum(sums);
        var reciprocal = TSimd.Broadcast(1 / sum);
        for (var i = 0; i < columns; i += TSimd.Lanes) TSimd.Store(scores + i, TSimd.Multiply(TSimd.Load(scores + i), reciprocal));
        return maximum + MathF.Log2(sum);
    }
}
