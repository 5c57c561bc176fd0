namespace Dray.Worker.Consumers;

/// <summary>
/// Tells what runs that the worker is stopping: nothing new begins, and what has begun may end within the grace time. Finished rows are
/// kept, the others are left to the next worker.
/// </summary>
internal sealed class WorkerStopping : IDisposable
{
    private readonly CancellationTokenSource _giveUp = new();
    private readonly CancellationTokenRegistration _registration;
    private ITimer? _timer;

    /// <summary>Watches <paramref name="stopping"/>.</summary>
    public WorkerStopping(TimeSpan grace, TimeProvider time, CancellationToken stopping)
    {
        Token = stopping;
        _registration = stopping.Register(() =>
        {
            if (grace == TimeSpan.Zero) _giveUp.Cancel();
            else _timer = time.CreateTimer(_ => _giveUp.Cancel(), null, grace, Timeout.InfiniteTimeSpan);
        });
    }

    /// <summary>Gets the token that is cancelled when the worker begins to stop.</summary>
    public CancellationToken Token { get; }

    /// <summary>A token for handling one message: cancelled with the message's own, or when the grace time is over.</summary>
    public CancellationTokenSource Link(CancellationToken message) => CancellationTokenSource.CreateLinkedTokenSource(message, _giveUp.Token);

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        _timer?.Dispose();
        _giveUp.Dispose();
    }
}
