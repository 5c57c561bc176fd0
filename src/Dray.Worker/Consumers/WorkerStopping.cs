namespace Dray.Worker.Consumers;

/// <summary>Tells what runs that the worker is stopping: finished rows are kept, the others are left to the next worker.</summary>
/// <param name="Token">Cancelled when the worker begins to stop.</param>
internal sealed record WorkerStopping(CancellationToken Token)
{
    /// <summary>A token for handling one message: cancelled with the message's own, or when the worker stops.</summary>
    public CancellationTokenSource Link(CancellationToken message) => CancellationTokenSource.CreateLinkedTokenSource(message, Token);
}
