using System.Runtime.CompilerServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>Runs float32 multiply-adds on twelve independent registers, as many as a matrix tile keeps busy.</summary>
internal readonly struct MultiplyAddJob<TSimd, TVec>(int repeats) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private const int Registers = 12;

    /// <summary>The operations of one thread; a multiply-add counts as two.</summary>
    public static double OperationsOf(int repeats) => 2.0 * repeats * Registers * TSimd.Lanes;

    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(share.Threads, grain: 1))
        {
            for (var i = first; i < end; i++) Multiply();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply()
    {
        // Tends to a / (1 - a), so that no value becomes infinite or too small to be normal.
        var a = TSimd.Broadcast(0.999f);
        TVec s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a, s11 = a;
        for (var i = 0; i < repeats; i++)
        {
            s0 = TSimd.MultiplyAdd(s0, a, a);
            s1 = TSimd.MultiplyAdd(s1, a, a);
            s2 = TSimd.MultiplyAdd(s2, a, a);
            s3 = TSimd.MultiplyAdd(s3, a, a);
            s4 = TSimd.MultiplyAdd(s4, a, a);
            s5 = TSimd.MultiplyAdd(s5, a, a);
            s6 = TSimd.MultiplyAdd(s6, a, a);
            s7 = TSimd.MultiplyAdd(s7, a, a);
            s8 = TSimd.MultiplyAdd(s8, a, a);
            s9 = TSimd.MultiplyAdd(s9, a, a);
            s10 = TSimd.MultiplyAdd(s10, a, a);
            s11 = TSimd.MultiplyAdd(s11, a, a);
        }

        var low = TSimd.Add(TSimd.Add(TSimd.Add(s0, s1), TSimd.Add(s2, s3)), TSimd.Add(s4, s5));
        var high = TSimd.Add(TSimd.Add(TSimd.Add(s6, s7), TSimd.Add(s8, s9)), TSimd.Add(s10, s11));
        if (TSimd.Sum(TSimd.Add(low, high)) <= 0) throw new InvalidOperationException("The sum of positive numbers isn't positive.");
    }
}
