using Dray.Contracts;

namespace Dray.Worker.Client;

/// <summary>A batch that is in the store, and whose message the broker has.</summary>
public sealed record SubmitResult
{
    /// <summary>Gets the batch's id.</summary>
    public required string BatchId { get; init; }

    /// <summary>Gets the rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Gets the input's size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Gets the different pictures that rows name by relative paths and that are in the store now.</summary>
    public required int Pictures { get; init; }

    /// <summary>Gets the paths of pictures that rows name and that can't be read; those rows will fail.</summary>
    public required IReadOnlyList<string> MissingPictures { get; init; }

    /// <summary>Gets the rows that aren't JSON objects with a body; they will fail.</summary>
    public required long UnreadableRows { get; init; }

    /// <summary>Gets when unfinished rows expire, Unix seconds, or null for never.</summary>
    public required long? ExpiresAt { get; init; }

    /// <summary>Gets whether the same had been submitted before.</summary>
    public required bool IsRepeated { get; init; }

    /// <summary>Gets where the batch was when it was submitted again, or null where no worker had seen it.</summary>
    public required BatchStatus? EarlierStatus { get; init; }
}
