using Dray.Contracts;

namespace Dray.Worker.Client;

/// <summary>Where a batch is.</summary>
public sealed record BatchSnapshot
{
    /// <summary>Gets the batch; its counts and usage include rows of chunks that are still running.</summary>
    public required Batch Batch { get; init; }

    /// <summary>Gets whose rows go first.</summary>
    public JobPriority Priority { get; init; }

    /// <summary>Gets how many tokens the batch may use altogether, or null for as many as it wants.</summary>
    public long? MaxTokensTotal { get; init; }

    /// <summary>Gets the id of the uploaded file that the input is a copy of, or null where there is none.</summary>
    public string? InputFileId { get; init; }

    /// <summary>Gets whether a worker has seen the batch.</summary>
    public required bool IsSeen { get; init; }

    /// <summary>Gets whether the input is in the store altogether; an upload that was interrupted isn't.</summary>
    public required bool IsUploaded { get; init; }

    /// <summary>Gets the rows that are done.</summary>
    public long Done => Batch.RequestCounts.Completed + Batch.RequestCounts.Failed;

    /// <summary>Gets whether nothing more happens to the batch unless somebody asks for it.</summary>
    public bool IsOver => Batch.Status is BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Expired or BatchStatus.Cancelled
        or BatchStatus.Incomplete;

    /// <summary>Gets how many tokens the last submission allowed.</summary>
    internal long? SubmittedMaxTokensTotal { get; init; }

    /// <summary>The message that submits the batch once more, and changes nothing where a worker has seen it.</summary>
    internal SubmitBatch ToMessage() => new()
    {
        BatchId = Batch.Id,
        InputPath = Batch.InputFileId,
        ExpiresAt = Batch.ExpiresAt,
        Priority = Priority,
        MaxTokensTotal = SubmittedMaxTokensTotal,
        Metadata = Batch.Metadata,
    };
}
