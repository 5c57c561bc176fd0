using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Multiply-adds of float32 on sums that don't depend on each other, on every thread.</summary>
internal readonly unsafe struct PeakJob<TSimd, TVec>(Workspace workspace, int turns) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    /// <summary>Sums of a turn.</summary>
    public const int Sums = 12;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int thread, int threads)
    {
        var target = workspace.Own(thread, TSimd.Lanes);
        var factor = TSimd.Broadcast(0.5f);
        var (s0, s1, s2, s3, s4, s5) = (factor, factor, factor, factor, factor, factor);
        var (s6, s7, s8, s9, s10, s11) = (factor, factor, factor, factor, factor, factor);
        for (var i = 0; i < turns; i++)
        {
            s0 = TSimd.MultiplyAdd(s0, factor, factor);
            s1 = TSimd.MultiplyAdd(s1, factor, factor);
            s2 = TSimd.MultiplyAdd(s2, factor, factor);
            s3 = TSimd.MultiplyAdd(s3, factor, factor);
            s4 = TSimd.MultiplyAdd(s4, factor, factor);
            s5 = TSimd.MultiplyAdd(s5, factor, factor);
            s6 = TSimd.MultiplyAdd(s6, factor, factor);
            s7 = TSimd.MultiplyAdd(s7, factor, factor);
            s8 = TSimd.MultiplyAdd(s8, factor, factor);
            s9 = TSimd.MultiplyAdd(s9, factor, factor);
            s10 = TSimd.MultiplyAdd(s10, factor, factor);
            s11 = TSimd.MultiplyAdd(s11, factor, factor);
        }

        // What is stored is computed.
        var even = TSimd.Add(TSimd.Add(TSimd.Add(s0, s2), TSimd.Add(s4, s6)), TSimd.Add(s8, s10));
        var odd = TSimd.Add(TSimd.Add(TSimd.Add(s1, s3), TSimd.Add(s5, s7)), TSimd.Add(s9, s11));
        TSimd.Store(target, TSimd.Add(even, odd));
    }
}
