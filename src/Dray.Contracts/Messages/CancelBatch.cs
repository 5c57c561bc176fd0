using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Message: stop a batch. Rows that finished keep their answers, the others fail with <c>batch_cancelled</c>.</summary>
public sealed record CancelBatch
{
    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }
}
