using System.Diagnostics;

namespace Dray.Inference.Compute.Cpu;

/// <summary>The speed that products on a path can't exceed.</summary>
/// <param name="Instruction">The instruction that multiplies.</param>
/// <param name="Gflops">
/// Measured GFLOP/s of all threads together, two for each product of a weight and an input: with inputs in two int8 planes, two of the
/// instruction's products make one of those.
/// </param>
public sealed record MatrixPeak(string Instruction, double Gflops)
{
    private const int Rounds = 5;

    /// <summary>Measures a job on all threads; the fastest of a few rounds counts.</summary>
    /// <param name="instruction">What it consists of.</param>
    /// <param name="flops">What each thread computes in a round.</param>
    /// <param name="team">The threads.</param>
    /// <param name="job">A round's work.</param>
    internal static MatrixPeak Measure<TJob>(string instruction, double flops, ThreadTeam team, TJob job)
        where TJob : struct, ITeamJob
    {
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            team.Run(job, team.Size);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed < best) best = elapsed;
        }

        return new MatrixPeak(instruction, flops * team.Size / best.TotalSeconds / 1e9);
    }
}
