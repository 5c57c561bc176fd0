using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>
/// Message: answer one request given inline. The answer goes to <c>jobs/{job_id}.json</c>, then <see cref="JobCompleted"/> or <see
/// cref="JobFailed"/> follows.
/// </summary>
public sealed record RunJob
{
    /// <summary>
    /// Gets the job's id, chosen by the producer: 1 to 128 of <c>A-Z a-z 0-9 _ -</c>. The same id again is the same job and does no work
    /// twice.
    /// </summary>
    [JsonPropertyName("job_id")]
    public required string JobId { get; init; }

    /// <summary>Gets the chat-completion body, as OpenAI's <c>POST /v1/chat/completions</c> takes it.</summary>
    [JsonPropertyName("body")]
    public required JsonElement Body { get; init; }

    /// <summary>Gets whose rows go first. <value>The default value is <c>normal</c>.</value></summary>
    [JsonPropertyName("priority")]
    public JobPriority Priority { get; init; }

    /// <summary>Gets pairs that are handed back in the event.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
