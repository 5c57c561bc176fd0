namespace Dray.Worker.Execution;

/// <summary>Is told, within the process, how batches go. Calls may come from several threads.</summary>
internal interface IBatchObserver
{
    /// <summary>A batch was cut and has so many rows.</summary>
    void Planned(string batchId, long rows);

    /// <summary>Rows of a chunk are done.</summary>
    void Progressed(ChunkProgress progress);
}
