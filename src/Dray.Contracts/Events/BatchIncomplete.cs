using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>
/// Event: a batch has used the tokens it was given and stopped. The rows that had finished are kept; a <see cref="ResumeBatch"/> with more
/// tokens goes on.
/// </summary>
public sealed record BatchIncomplete
{
    /// <summary>Gets the event's id, also the message's id: the same however often the event is published.</summary>
    [JsonPropertyName("event_id")]
    public required Guid EventId { get; init; }

    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }

    /// <summary>Gets the batch as it stands: the rows that are done and the tokens used.</summary>
    [JsonPropertyName("batch")]
    public required Batch Batch { get; init; }
}
