using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Event: a batch was refused as a whole, before any row ran. <see cref="Contracts.Batch.Errors"/> says why.</summary>
public sealed record BatchFailed
{
    /// <summary>Gets the event's id, also the message's id: the same however often the event is published.</summary>
    [JsonPropertyName("event_id")]
    public required Guid EventId { get; init; }

    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }

    /// <summary>Gets the batch in its last state.</summary>
    [JsonPropertyName("batch")]
    public required Batch Batch { get; init; }
}
