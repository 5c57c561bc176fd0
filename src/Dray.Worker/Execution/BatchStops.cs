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
    public BatchStop Watch(BatchState state, int chunk)
    {
        var batchId = state.Batch.Id;
        var stop = new BatchStop(state, chunk, ledger, time, logger, stop => Forget(batchId, stop));
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
