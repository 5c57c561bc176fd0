using Dray.Contracts;

namespace Dray.Worker.Client;

/// <summary>Answers that were fetched.</summary>
public sealed record OutputResult
{
    /// <summary>Gets the batch as it stood.</summary>
    public required Batch Batch { get; init; }

    /// <summary>Gets whether the batch isn't done, so that rows are missing.</summary>
    public required bool IsPartial { get; init; }

    /// <summary>Gets the rows in <see cref="OutputFile"/>.</summary>
    public required long Completed { get; init; }

    /// <summary>Gets the rows in <see cref="ErrorsFile"/>.</summary>
    public required long Failed { get; init; }

    /// <summary>Gets the file of the rows that succeeded, in input order.</summary>
    public required string OutputFile { get; init; }

    /// <summary>Gets the file of the rows that failed, in input order; empty where none did.</summary>
    public required string ErrorsFile { get; init; }
}
