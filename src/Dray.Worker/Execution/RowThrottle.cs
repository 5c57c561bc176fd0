using Dray.Contracts;

namespace Dray.Worker.Execution;

/// <summary>
/// How many rows may be with the engine at once, over all chunks and jobs of this worker. A place that becomes free goes to the most
/// urgent row that waits, and among equals to the one that came first.
/// </summary>
internal sealed class RowThrottle(WorkerSettings settings) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<TaskCompletionSource, (int Urgency, long Arrival)> _waiting = new();
    private readonly SemaphoreSlim _alone = new(1);
    private int _free = settings.MaxRowsInFlight;
    private long _arrivals;

    /// <summary>Runs <paramref name="row"/> once there is a place.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="waiting"/> was cancelled before there was one.</exception>
    public async Task<T> RunAsync<T>(JobPriority priority, Func<Task<T>> row, CancellationToken waiting)
    {
        await TakeAsync(-(int)priority, waiting);
        try
        {
            return await row();
        }
        finally
        {
            Release(1);
        }
    }

    /// <summary>Runs <paramref name="row"/> while no other row is with the engine.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="waiting"/> was cancelled before the others had ended.</exception>
    public async Task<T> RunAloneAsync<T>(Func<Task<T>> row, CancellationToken waiting)
    {
        await _alone.WaitAsync(waiting);
        var taken = 0;
        try
        {
            for (; taken < settings.MaxRowsInFlight; taken++) await TakeAsync(int.MinValue, waiting);
            return await row();
        }
        finally
        {
            Release(taken);
            _alone.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _alone.Dispose();

    private async Task TakeAsync(int urgency, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            _waiting.Enqueue(place, (urgency, _arrivals++));
        }

        await using var registration = cancellationToken.Register(() => place.TrySetCanceled(cancellationToken));
        await place.Task;
    }

    private void Release(int count)
    {
        lock (_gate)
        {
            for (; count > 0; count--)
            {
                if (!TryHandOn()) _free++;
            }
        }
    }

    // Who gave up waiting can't take the place.
    private bool TryHandOn()
    {
        while (_waiting.TryDequeue(out var next, out _))
        {
            if (next.TrySetResult()) return true;
        }

        return false;
    }
}
