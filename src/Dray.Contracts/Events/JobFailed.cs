using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Event: a job was refused, or the engine failed on it.</summary>
public sealed record JobFailed
{
    /// <summary>Gets the event's id, also the message's id: the same however often the event is published.</summary>
    [JsonPropertyName("event_id")]
    public required Guid EventId { get; init; }

    /// <summary>Gets the job's id.</summary>
    [JsonPropertyName("job_id")]
    public required string JobId { get; init; }

    /// <summary>Gets the HTTP status that the error stands for, such as 400.</summary>
    [JsonPropertyName("status_code")]
    public required int StatusCode { get; init; }

    /// <summary>Gets what is wrong.</summary>
    [JsonPropertyName("error")]
    public required ErrorBody Error { get; init; }

    /// <summary>Gets the pairs that came with the job.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
