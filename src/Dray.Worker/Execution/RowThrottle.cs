namespace Dray.Worker.Execution;

/// <summary>How many rows may be with the engine at once, over all chunks and jobs of this worker.</summary>
internal sealed class RowThrottle(WorkerSettings settings) : IDisposable
{
    private readonly SemaphoreSlim _places = new(settings.MaxRowsInFlight);
    private readonly SemaphoreSlim _alone = new(1);

    /// <summary>Runs <paramref name="row"/> once there is a place.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> row, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return await row();
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Runs <paramref name="row"/> while no other row is with the engine.</summary>
    public async Task<T> RunAloneAsync<T>(Func<Task<T>> row, CancellationToken cancellationToken)
    {
        await _alone.WaitAsync(cancellationToken);
        var taken = 0;
        try
        {
            for (; taken < settings.MaxRowsInFlight; taken++) await _places.WaitAsync(cancellationToken);
            return await row();
        }
        finally
        {
            if (taken > 0) _places.Release(taken);
            _alone.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _places.Dispose();
        _alone.Dispose();
    }
}
