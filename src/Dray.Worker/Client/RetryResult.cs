namespace Dray.Worker.Client;

/// <summary>What became of asking for another attempt at a batch's failed rows.</summary>
public sealed record RetryResult
{
    /// <summary>Gets the new batch, or null where there was nothing to retry.</summary>
    public SubmitResult? Submitted { get; init; }

    /// <summary>Gets the rows that failed.</summary>
    public required long Failed { get; init; }

    /// <summary>Gets the rows that never ran because the batch was cancelled or expired.</summary>
    public required long Unfinished { get; init; }
}
