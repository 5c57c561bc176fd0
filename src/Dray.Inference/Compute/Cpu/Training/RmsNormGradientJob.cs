namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The backward pass of RMSNorm, added to a gradient: with <c>r = 1 / sqrt(mean(x²) + epsilon)</c> and <c>d = dy · gain</c>,
/// <c>dx += r · d − x · r³ · mean(d · x)</c>. Two passes over a row.
/// </summary>
internal readonly unsafe struct RmsNormGradientJob<TSimd, TVec>(RowView x, RowView gain, float epsilon, RowView dy, RowView dx) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(x.Rows))
        {
            for (var m = first; m < end; m++) Row(x.Row(m), gain.Row(0), dy.Row(m), dx.Row(m));
        }
    }

    private void Row(float* x1, float* g, float* d, float* result)
    {
        var count = x.Columns;
        TVec squares = default, products = default;
        var i = 0;
        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes)
        {
            var value = TSimd.Load(x1 + i);
            squares = TSimd.MultiplyAdd(value, value, squares);
            products = TSimd.MultiplyAdd(TSimd.Multiply(TSimd.Load(d + i), TSimd.Load(g + i)), value, products);
        }

        var (square, product) = (TSimd.Sum(squares), TSimd.Sum(products));
        for (; i < count; i++)
        {
            square += x1[i] * x1[i];
            product += d[i] * g[i] * x1[i];
        }

        var r = 1 / MathF.Sqrt((square / count) + epsilon);
        var along = -r * r * r * product / count;
        var (scale, slope) = (TSimd.Broadcast(r), TSimd.Broadcast(along));
        for (i = 0; i + TSimd.Lanes <= count; i += TSimd.Lanes)
        {
            var direct = TSimd.Multiply(TSimd.Multiply(TSimd.Load(d + i), TSimd.Load(g + i)), scale);
            TSimd.Store(result + i, TSimd.Add(TSimd.Load(result + i), TSimd.MultiplyAdd(TSimd.Load(x1 + i), slope, direct)));
        }

        for (; i < count; i++) result[i] += (d[i] * g[i] * r) + (x1[i] * along);
    }
}
