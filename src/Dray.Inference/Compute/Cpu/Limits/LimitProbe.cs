using System.Diagnostics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Measures <see cref="MachineLimits"/>: the median of several rounds of reads, as a memory that other machines share has faster moments, too,
/// which no longer stretch of work would meet; and the best of several rounds of arithmetic, which others can only slow down.
/// </summary>
internal sealed class LimitProbe(ThreadTeam team, CpuOperations operations)
{
    private const int Rounds = 15;
    private const int BytesPerThread = 256 << 20;
    private const long MostBytes = 4L << 30;
    private static readonly TimeSpan LeastRound = TimeSpan.FromMilliseconds(20);

    public MachineLimits Measure() => new(Reads(), Multiplies(), operations.MultiplyInstruction);

    private double Reads()
    {
        var perThread = (nuint)Math.Min(BytesPerThread, MostBytes / team.Size) / ReadJob.StepBytes * ReadJob.StepBytes;
        var blocks = Enumerable.Range(0, team.Size).Select(_ => new NativeBlock(perThread)).ToArray();
        try
        {
            // Each thread's pages come to lie near the processor that reads them, as those of weights do.
            team.Run(new FillJob(blocks), team.Size);
            var seconds = Enumerable.Range(0, Rounds).Select(_ => Seconds(() => team.Run(new ReadJob(blocks), team.Size))).Order().ElementAt(Rounds / 2);
            return (double)perThread * team.Size / seconds / 1e9;
        }
        finally
        {
            foreach (var block in blocks) block.Dispose();
        }
    }

    private double Multiplies()
    {
        var repeats = 1024;
        while (Seconds(() => operations.RunMultiplies(team, repeats)) < LeastRound.TotalSeconds) repeats *= 2;
        return Enumerable.Range(0, Rounds).Max(_ =>
        {
            var done = 0.0;
            var seconds = Seconds(() => done = operations.RunMultiplies(team, repeats));
            return done / seconds / 1e9;
        });
    }

    private static double Seconds(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
