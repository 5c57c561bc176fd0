namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// A row's squared error against its target and, in place of the prediction, the error times the row's weight: <c>p = weight · (p − target)</c>.
/// </summary>
internal readonly unsafe struct SquaredErrorJob<TSimd, TVec>(RowView prediction, RowView target, float* weights, double* errors) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(prediction.Rows))
        {
            for (var m = first; m < end; m++) errors[m] = Row(prediction.Row(m), target.Row(m), weights[m], prediction.Columns);
        }
    }

    private static double Row(float* p, float* t, float weight, int count)
    {
        var scale = TSimd.Broadcast(weight);
        TVec sums = default;
        var i = 0;
        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes)
        {
            var error = TSimd.Subtract(TSimd.Load(p + i), TSimd.Load(t + i));
            sums = TSimd.MultiplyAdd(error, error, sums);
            TSimd.Store(p + i, TSimd.Multiply(error, scale));
        }

        double sum = TSimd.Sum(sums);
        for (; i < count; i++)
        {
            var error = p[i] - t[i];
            sum += error * error;
            p[i] = error * weight;
        }

        return sum;
    }
}
