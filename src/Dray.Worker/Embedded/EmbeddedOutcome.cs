using Dray.Contracts;

namespace Dray.Worker.Embedded;

/// <summary>What the bus says became of an embedded batch.</summary>
internal sealed class EmbeddedOutcome
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task that ends when the batch is committed, or fails when it can't be.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The batch is committed.</summary>
    public void Commit() => _ended.TrySetResult();

    /// <summary>The batch was refused.</summary>
    public void Refuse(Batch batch) => _ended.TrySetException(new EmbeddedBatchException(
        EmbeddedBatchProblem.InputRefused, string.Join(' ', batch.Errors?.Data.Select(error => error.Message) ?? [])));

    /// <summary>A message couldn't be handled, however often it was tried.</summary>
    public void Fail(string reason) => _ended.TrySetException(new EmbeddedBatchException(
        EmbeddedBatchProblem.StoreFailed, $"The batch stopped before its end: {reason} Finished rows are kept; run again to go on."));
}
