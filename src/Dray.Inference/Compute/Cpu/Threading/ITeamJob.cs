namespace Dray.Inference.Compute.Cpu;

/// <summary>Work that a <see cref="ThreadTeam"/> divides among its threads.</summary>
internal interface ITeamJob
{
    /// <summary>
    /// Does what one thread finds to do. A thread that comes when the others are done isn't waited for and may never get here, so work must
    /// be handed out by <see cref="TeamShare.Of(int, int)"/> or a counter, not by the thread's number.
    /// </summary>
    /// <param name="share">The thread's part.</param>
    void Execute(TeamShare share);
}
