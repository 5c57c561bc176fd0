using Dray.Contracts;
using Dray.Worker.Ledger;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Execution;

/// <summary>The chunks running in this process, so that a request to stop that arrives here reaches them at once.</summary>
internal sealed class BatchStops(BatchLedger ledger, TimeProvider time, ILogger<BatchStops> logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<BatchStop>> _running = new(StringComparer.Ordinal);

    /// <summary>Watches a batch for one chunk, until disposed of.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="chunk">The chunk's number.</param>
    /// <param name="now">The time by the store's clock; matters only where the batch expires.</param>
    public BatchStop Watch(BatchState state, int chunk, DateTimeOffset now)
    {
        var batchId = state.Batch.Id;
        var stop = new BatchStop(state, chunk, now, ledger, time, logger, stop => Forget(batchId, stop));
        lock (_gate)
        {
            if (!_running.TryGetValue(batchId, out var stops)) _running.Add(batchId, stops = []);
            stops.Add(stop);
        }

        return stop;
    }

    /// <summary>Stops what runs of a batch.</summary>
    public void Raise(string batchId, StopReason reason)
    {
        BatchStop[] stops;
        lock (_gate) stops = _running.TryGetValue(batchId, out var running) ? [.. running] : [];
        foreach (var stop in stops) stop.Raise(reason);
    }

    private void Forget(string batchId, BatchStop stop)
    {
        lock (_gate)
        {
            if (_running.TryGetValue(batchId, out var stops) && stops.Remove(stop) && stops.Count == 0) _running.Remove(batchId);
        }
    }
}
