namespace Dray.Worker.Transport;

/// <summary>How full a queue is.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Messages">Messages that wait, or null where the queue isn't there.</param>
/// <param name="Consumers">Who takes from it.</param>
/// <param name="IsFailure">Whether messages end up in it when something went wrong.</param>
public readonly record struct QueueDepth(string Queue, long? Messages, long Consumers, bool IsFailure);
