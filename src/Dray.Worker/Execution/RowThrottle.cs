namespace Dray.Worker.Execution;

/// <summary>How many rows may be with the engine at once, over all chunks and jobs of this worker.</summary>
internal sealed class RowThrottle(WorkerSettings settings) : IDisposable
{
    private readonly SemaphoreSlim _places = new(settings.MaxRowsInFlight);

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

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();
}
