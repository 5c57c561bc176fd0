namespace Dray.Inference.Compute.Cpu;

/// <summary><c>y += x</c>: 12 bytes per value.</summary>
internal readonly unsafe struct AddJob<TSimd, TVec>(RowView x, RowView y) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(x.Rows))
        {
            for (var m = first; m < end; m++) Row(x.Row(m), y.Row(m), x.Columns);
        }
    }

    private static void Row(float* from, float* to, int count)
    {
        var i = 0;
        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes) TSimd.Store(to + i, TSimd.Add(TSimd.Load(to + i), TSimd.Load(from + i)));
        for (; i < count; i++) to[i] += from[i];
    }
}
