namespace Dray.Inference.Compute.Cpu;

/// <summary><c>y = silu(gate) · up</c>: 12 bytes and one exponential per value.</summary>
internal readonly unsafe struct SwiGluJob<TSimd, TVec>(RowView gateUp, RowView y) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(y.Rows))
        {
            for (var m = first; m < end; m++) Row(gateUp.Row(m), gateUp.Row(m) + y.Columns, y.Row(m), y.Columns);
        }
    }

    private static void Row(float* gate, float* up, float* y, int count)
    {
        var i = 0;
        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes)
            TSimd.Store(y + i, TSimd.Multiply(Elementary<TSimd, TVec>.Silu(TSimd.Load(gate + i)), TSimd.Load(up + i)));
        if (i == count) return;
        var rest = stackalloc float[TSimd.Lanes];
        new Span<float>(gate + i, count - i).CopyTo(new Span<float>(rest, TSimd.Lanes));
        TSimd.Store(rest, Elementary<TSimd, TVec>.Silu(TSimd.Load(rest)));
        for (var j = 0; i < count; i++, j++) y[i] = rest[j] * up[i];
    }
}
