using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Event: every row of a batch has an answer or an error row, and both files are in the store.</summary>
public sealed record BatchCompleted
{
    /// <summary>Gets the event's id, also the message's id: the same however often the event is published.</summary>
    [JsonPropertyName("event_id")]
    public required Guid EventId { get; init; }

    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }

    /// <summary>Gets the batch in its last state: counts, usage, timestamps, paths of the output and error files.</summary>
    [JsonPropertyName("batch")]
    public required Batch Batch { get; init; }

    /// <summary>Gets the path of the manifest and its SHA-256.</summary>
    [JsonPropertyName("manifest")]
    public required BlobDigest Manifest { get; init; }
}
