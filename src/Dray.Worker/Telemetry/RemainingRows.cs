using Dray.Worker.Execution;

namespace Dray.Worker.Telemetry;

/// <summary>
/// How many rows of the batches that this worker has seen are not done: what the ledger said last, or what was seen here since,
/// whichever is further. A batch without news for an hour is forgotten: another worker may have ended it.
/// </summary>
internal sealed class RemainingRows(TimeProvider time) : IBatchObserver
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);
    private readonly Dictionary<string, Known> _batches = [];
    private readonly Lock _lock = new();

    /// <summary>Counts the rows that remain.</summary>
    public long Count()
    {
        lock (_lock)
        {
            foreach (var (id, batch) in _batches)
            {
                if (time.GetElapsedTime(batch.HeardAt) > Patience) _batches.Remove(id);
            }

            return _batches.Values.Sum(batch => batch.Remaining);
        }
    }

    /// <summary>Takes over what the ledger says of a batch.</summary>
    public void Report(string batchId, long total, long finished) => Change(batchId, batch => batch with
    {
        Total = total,
        Finished = Math.Max(batch.Finished, finished),
    });

    /// <summary>Forgets a batch that is over.</summary>
    public void Forget(string batchId)
    {
        lock (_lock) _batches.Remove(batchId);
    }

    /// <inheritdoc/>
    public void Planned(string batchId, long rows) => Change(batchId, batch => batch with { Total = rows });

    /// <inheritdoc/>
    public void Progressed(ChunkProgress progress) => Change(progress.BatchId, batch =>
    {
        batch.Chunks[progress.Chunk] = progress.Done.Completed + progress.Done.Failed;
        return batch;
    });

    private void Change(string batchId, Func<Known, Known> change)
    {
        lock (_lock)
        {
            var batch = _batches.TryGetValue(batchId, out var known) ? known : new Known([]);
            _batches[batchId] = change(batch) with { HeardAt = time.GetTimestamp() };
        }
    }

    private sealed record Known(Dictionary<int, int> Chunks)
    {
        public long Total { get; init; }

        public long Finished { get; init; }

        public long HeardAt { get; init; }

        public long Remaining => Math.Max(0, Total - Math.Max(Finished, Chunks.Values.Sum(rows => (long)rows)));
    }
}
