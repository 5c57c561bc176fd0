namespace Dray.Worker.Execution;

/// <summary>An observer for a worker that nobody watches.</summary>
internal sealed class SilentBatchObserver : IBatchObserver
{
    /// <inheritdoc/>
    public void Planned(string batchId, long rows)
    {
    }

    /// <inheritdoc/>
    public void Progressed(ChunkProgress progress)
    {
    }
}
