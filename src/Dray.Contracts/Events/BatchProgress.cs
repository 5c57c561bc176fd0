using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Event: a chunk of a batch finished. Counts never go back, but events may arrive out of order: keep the largest.</summary>
public sealed record BatchProgress
{
    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }

    /// <summary>Gets the rows done so far.</summary>
    [JsonPropertyName("request_counts")]
    public required BatchRequestCounts RequestCounts { get; init; }

    /// <summary>Gets the tokens used so far.</summary>
    [JsonPropertyName("usage")]
    public required BatchUsage Usage { get; init; }
}
