namespace Dray.Inference.Compute.Cpu;

/// <summary><c>x = gelu(x)</c>, the erf form, in place: 8 bytes, one exponential and one division per value.</summary>
internal readonly unsafe struct GeluJob<TSimd, TVec>(RowView x) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(x.Rows))
        {
            for (var m = first; m < end; m++) Row(x.Row(m), x.Columns);
        }
    }

    private static void Row(float* x, int count)
    {
        var i = 0;
        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes) TSimd.Store(x + i, Elementary<TSimd, TVec>.Gelu(TSimd.Load(x + i)));
        if (i == count) return;
        var rest = stackalloc float[TSimd.Lanes];
        new Span<float>(x + i, count - i).CopyTo(new Span<float>(rest, TSimd.Lanes));
        TSimd.Store(rest, Elementary<TSimd, TVec>.Gelu(TSimd.Load(rest)));
        new Span<float>(rest, count - i).CopyTo(new Span<float>(x + i, count - i));
    }
}
