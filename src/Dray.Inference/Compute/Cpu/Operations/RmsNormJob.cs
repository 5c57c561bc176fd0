namespace Dray.Inference.Compute.Cpu;

/// <summary><c>y = x / sqrt(mean(x²) + epsilon) · gain</c>: two passes over a row; 16 bytes and 5 flops per value.</summary>
internal readonly unsafe struct RmsNormJob<TSimd, TVec>(RowView x, RowView gain, float epsilon, RowView y) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(x.Rows))
        {
            for (var m = first; m < end; m++)
            {
                var mean = SumOfSquares(x.Row(m), x.Columns) / x.Columns;
                Scale(x.Row(m), 1 / MathF.Sqrt(mean + epsilon), gain.Row(0), y.Row(m), x.Columns);
            }
        }
    }

    private static float SumOfSquares(float* x, int count)
    {
        TVec s0 = default, s1 = default, s2 = default, s3 = default;
        var i = 0;
        for (; i + (4 * TSimd.Lanes) <= count; i += 4 * TSimd.Lanes)
        {
            var v0 = TSimd.Load(x + i);
            var v1 = TSimd.Load(x + i + TSimd.Lanes);
            var v2 = TSimd.Load(x + i + (2 * TSimd.Lanes));
            var v3 = TSimd.Load(x + i + (3 * TSimd.Lanes));
            s0 = TSimd.MultiplyAdd(v0, v0, s0);
            s1 = TSimd.MultiplyAdd(v1, v1, s1);
            s2 = TSimd.MultiplyAdd(v2, v2, s2);
            s3 = TSimd.MultiplyAdd(v3, v3, s3);
        }

        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes)
        {
            var v = TSimd.Load(x + i);
            s0 = TSimd.MultiplyAdd(v, v, s0);
        }

        var sum = TSimd.Sum(TSimd.Add(TSimd.Add(s0, s1), TSimd.Add(s2, s3)));
        for (; i < count; i++) sum += x[i] * x[i];
        return sum;
    }

    private static void Scale(float* x, float scale, float* gain, float* y, int count)
    {
        var scales = TSimd.Broadcast(scale);
        var i = 0;
        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes)
            TSimd.Store(y + i, TSimd.Multiply(TSimd.Multiply(TSimd.Load(x + i), scales), TSimd.Load(gain + i)));
        for (; i < count; i++) y[i] = x[i] * scale * gain[i];
    }
}
