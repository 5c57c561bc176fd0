namespace Dray.Inference.Compute.Cpu;

/// <summary>Work that a <see cref="ThreadTeam"/> divides among its threads.</summary>
internal interface ITeamJob
{
    /// <summary>Does one thread's share.</summary>
    /// <param name="thread">Which share, 0 for the calling thread.</param>
    /// <param name="threads">How many shares there are.</param>
    void Execute(int thread, int threads);
}
