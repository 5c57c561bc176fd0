using Dray.Contracts;
using Dray.Worker.Ledger;

namespace Dray.Worker.Execution;

/// <summary>The chunks running in this process, so that a cancel request that arrives here stops them at once.</summary>
internal sealed class BatchStops(BatchLedger ledger, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<BatchStop>> _running = new(StringComparer.Ordinal);

    /// <summary>Watches a batch for one chunk, until disposed of.</summary>
    public BatchStop Watch(BatchState state)
    {
        var batchId = state.Batch.Id;
        var stop = new BatchStop(state, ledger, time, stop => Forget(batchId, stop));
        lock (_gate)
        {
            if (!_running.TryGetValue(batchId, out var stops)) _running.Add(batchId, stops = []);
            stops.Add(stop);
        }

        return stop;
    }

    /// <summary>Stops what runs of a batch.</summary>
    public void Cancel(string batchId)
    {
        BatchStop[] stops;
        lock (_gate) stops = _running.TryGetValue(batchId, out var running) ? [.. running] : [];
        foreach (var stop in stops) stop.Raise(StopReason.Cancelled);
    }

    private void Forget(string batchId, BatchStop stop)
    {
        lock (_gate)
        {
            if (_running.TryGetValue(batchId, out var stops) && stops.Remove(stop) && stops.Count == 0) _running.Remove(batchId);
        }
    }
}
