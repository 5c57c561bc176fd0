namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The backward pass of SwiGLU in place: gate and up become dL/dgate and dL/dup. With <c>s = 1 / (1 + e^−gate)</c>,
/// <c>dgate = dy · up · s · (1 + gate · (1 − s))</c> and <c>dup = dy · gate · s</c>.
/// </summary>
internal readonly unsafe struct SwiGluGradientJob<TSimd, TVec>(RowView gateUp, RowView dy) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(dy.Rows))
        {
            for (var m = first; m < end; m++) Row(gateUp.Row(m), gateUp.Row(m) + dy.Columns, dy.Row(m), dy.Columns);
        }
    }

    private static void Row(float* gate, float* up, float* d, int count)
    {
        var i = 0;
        for (; i + TSimd.Lanes <= count; i += TSimd.Lanes) Vector(gate + i, up + i, d + i);
        if (i == count) return;
        var rest = stackalloc float[3 * TSimd.Lanes];
        var g = rest;
        var u = rest + TSimd.Lanes;
        var dRest = rest + (2 * TSimd.Lanes);
        var bytes = (count - i) * sizeof(float);
        Buffer.MemoryCopy(gate + i, g, bytes, bytes);
        Buffer.MemoryCopy(up + i, u, bytes, bytes);
        Buffer.MemoryCopy(d + i, dRest, bytes, bytes);
        Vector(g, u, dRest);
        Buffer.MemoryCopy(g, gate + i, bytes, bytes);
        Buffer.MemoryCopy(u, up + i, bytes, bytes);
    }

    private static void Vector(float* gate, float* up, float* d)
    {
        var (g, dy1) = (TSimd.Load(gate), TSimd.Load(d));
        var one = TSimd.Broadcast(1);
        var s = TSimd.Divide(one, TSimd.Add(one, Elementary<TSimd, TVec>.Exp(TSimd.Subtract(default, g))));
        var slope = TSimd.Multiply(s, TSimd.MultiplyAdd(g, TSimd.Subtract(one, s), one));
        TSimd.Store(gate, TSimd.Multiply(TSimd.Multiply(dy1, TSimd.Load(up)), slope));
        TSimd.Store(up, TSimd.Multiply(TSimd.Multiply(dy1, g), s));
    }
}
