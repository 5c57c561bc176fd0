using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Event: a job has its answer, in the store.</summary>
public sealed record JobCompleted
{
    /// <summary>Gets the event's id, also the message's id: the same however often the event is published.</summary>
    [JsonPropertyName("event_id")]
    public required Guid EventId { get; init; }

    /// <summary>Gets the job's id.</summary>
    [JsonPropertyName("job_id")]
    public required string JobId { get; init; }

    /// <summary>Gets the path of the answer and its SHA-256; the document is a <see cref="BatchOutputRow"/>.</summary>
    [JsonPropertyName("output")]
    public required BlobDigest Output { get; init; }

    /// <summary>Gets the tokens used.</summary>
    [JsonPropertyName("usage")]
    public required CompletionUsage Usage { get; init; }

    /// <summary>Gets the pairs that came with the job.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
