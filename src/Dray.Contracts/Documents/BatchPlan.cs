using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary><c>batches/{batch_id}/plan.json</c>: how the input is cut, and what only a look at all of it can tell. Written once.</summary>
public sealed record BatchPlan
{
    /// <summary>Gets the input.</summary>
    [JsonPropertyName("input")]
    public required BlobDigest Input { get; init; }

    /// <summary>Gets the number of rows.</summary>
    [JsonPropertyName("rows")]
    public required long Rows { get; init; }

    /// <summary>Gets the ranges, in input order.</summary>
    [JsonPropertyName("chunks")]
    public required IReadOnlyList<BatchChunk> Chunks { get; init; }

    /// <summary>Gets the rows without a usable <c>custom_id</c> of their own, in input order.</summary>
    [JsonPropertyName("renamed_rows")]
    public IReadOnlyList<RenamedRow> RenamedRows { get => field ?? []; init; }

    /// <summary>Gets the rows that repeat an earlier one, in input order.</summary>
    [JsonPropertyName("repeated_rows")]
    public IReadOnlyList<RepeatedRow> RepeatedRows { get => field ?? []; init; }
}
