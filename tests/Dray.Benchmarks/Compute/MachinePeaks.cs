using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dray.Benchmarks.Compute;

/// <summary>What the machine can do at most, measured with all threads at once: the denominators of the kernel report.</summary>
internal static unsafe class MachinePeaks
{
    private const int Rounds = 5;

    /// <summary>GFLOP/s of independent float32 multiply-adds in the widest vectors.</summary>
    public static double MultiplyAdds(int threads)
    {
        const int iterations = 20_000_000;
        var wide = Vector512.IsHardwareAccelerated;
        var flops = 2.0 * iterations * 12 * (wide ? 16 : 8) * threads;
        return Best(threads, () => _ = wide ? Run512(iterations) : Run256(iterations), seconds => flops / seconds / 1e9);
    }

    /// <summary>GB/s of reading memory that no cache holds.</summary>
    public static double Reads(int threads)
    {
        const int floats = 64 << 20;
        var buffers = Enumerable.Range(0, threads).Select(_ => GC.AllocateArray<float>(floats, pinned: true)).ToArray();
        foreach (var buffer in buffers) buffer.AsSpan().Fill(1);
        var next = -1;
        return Best(
            threads,
            () => Sum(buffers[Interlocked.Increment(ref next) % threads]),
            seconds => (double)floats * sizeof(float) * threads / seconds / 1e9);
    }

    private static double Best(int threads, Action action, Func<double, double> rate)
    {
        var best = 0.0;
        for (var round = 0; round < Rounds; round++)
        {
            var seconds = threads == 1 ? OnThisThread(action) : OnThreads(threads, action);
            best = Math.Max(best, rate(seconds));
        }

        return best;
    }

    private static double OnThisThread(Action action)
    {
        var start = ThreadClock.Seconds;
        action();
        return ThreadClock.Seconds - start;
    }

    private static double OnThreads(int threads, Action action)
    {
        var clock = Stopwatch.StartNew();
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() => action())).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return clock.Elapsed.TotalSeconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Run512(int iterations)
    {
        var a = Vector512.Create(0.999f);
        Vector512<float> s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a, s11 = a;
        for (var i = 0; i < iterations; i++)
        {
            s0 = Vector512.FusedMultiplyAdd(s0, a, a);
            s1 = Vector512.FusedMultiplyAdd(s1, a, a);
            s2 = Vector512.FusedMultiplyAdd(s2, a, a);
            s3 = Vector512.FusedMultiplyAdd(s3, a, a);
            s4 = Vector512.FusedMultiplyAdd(s4, a, a);
            s5 = Vector512.FusedMultiplyAdd(s5, a, a);
            s6 = Vector512.FusedMultiplyAdd(s6, a, a);
            s7 = Vector512.FusedMultiplyAdd(s7, a, a);
            s8 = Vector512.FusedMultiplyAdd(s8, a, a);
            s9 = Vector512.FusedMultiplyAdd(s9, a, a);
            s10 = Vector512.FusedMultiplyAdd(s10, a, a);
            s11 = Vector512.FusedMultiplyAdd(s11, a, a);
        }

        return Vector512.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Run256(int iterations)
    {
        var a = Vector256.Create(0.999f);
        Vector256<float> s0 = a, s1 = a, s2 = a, s3 = a, s4 = a, s5 = a, s6 = a, s7 = a, s8 = a, s9 = a, s10 = a, s11 = a;
        for (var i = 0; i < iterations; i++)
        {
            s0 = Vector256.MultiplyAddEstimate(s0, a, a);
            s1 = Vector256.MultiplyAddEstimate(s1, a, a);
            s2 = Vector256.MultiplyAddEstimate(s2, a, a);
            s3 = Vector256.MultiplyAddEstimate(s3, a, a);
            s4 = Vector256.MultiplyAddEstimate(s4, a, a);
            s5 = Vector256.MultiplyAddEstimate(s5, a, a);
            s6 = Vector256.MultiplyAddEstimate(s6, a, a);
            s7 = Vector256.MultiplyAddEstimate(s7, a, a);
            s8 = Vector256.MultiplyAddEstimate(s8, a, a);
            s9 = Vector256.MultiplyAddEstimate(s9, a, a);
            s10 = Vector256.MultiplyAddEstimate(s10, a, a);
            s11 = Vector256.MultiplyAddEstimate(s11, a, a);
        }

        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Sum(float[] values)
    {
        fixed (float* start = values)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            for (var i = 0; i < values.Length; i += 64)
            {
                s0 += Vector512.Load(start + i);
                s1 += Vector512.Load(start + i + 16);
                s2 += Vector512.Load(start + i + 32);
                s3 += Vector512.Load(start + i + 48);
            }

            if (Vector512.Sum(s0 + s1 + s2 + s3) < 0) throw new InvalidOperationException("The sum of ones is negative.");
        }
    }
}
