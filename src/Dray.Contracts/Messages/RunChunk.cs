using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Message between workers: run one range of a batch's rows. What the range is stands in the batch's plan.</summary>
public sealed record RunChunk
{
    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }

    /// <summary>Gets which range.</summary>
    [JsonPropertyName("chunk")]
    public required BatchChunk Chunk { get; init; }
}
