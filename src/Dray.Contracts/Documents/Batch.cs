using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>OpenAI's Batch object. Times are Unix seconds; file ids are paths in the store.</summary>
public sealed record Batch
{
    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Gets the object's type: <c>batch</c>.</summary>
    [JsonPropertyName("object")]
    public string Object { get => field ?? "batch"; init; }

    /// <summary>Gets the endpoint of all rows.</summary>
    [JsonPropertyName("endpoint")]
    public string Endpoint { get => field ?? BatchRow.ChatCompletionsUrl; init; }

    /// <summary>Gets the name of the model that answers, or null before it is known.</summary>
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    /// <summary>Gets why the batch was refused, or null.</summary>
    [JsonPropertyName("errors")]
    public BatchErrors? Errors { get; init; }

    /// <summary>Gets the path of the input.</summary>
    [JsonPropertyName("input_file_id")]
    public required string InputFileId { get; init; }

    /// <summary>Gets the time frame in which the batch should be done. <value>The default value is <c>24h</c>.</value></summary>
    [JsonPropertyName("completion_window")]
    public string CompletionWindow { get => field ?? "24h"; init; }

    /// <summary>Gets where the batch is.</summary>
    [JsonPropertyName("status")]
    public required BatchStatus Status { get; init; }

    /// <summary>Gets the path of the rows that succeeded, or null until the batch is done.</summary>
    [JsonPropertyName("output_file_id")]
    public string? OutputFileId { get; init; }

    /// <summary>Gets the path of the rows that failed, or null until the batch is done.</summary>
    [JsonPropertyName("error_file_id")]
    public string? ErrorFileId { get; init; }

    /// <summary>Gets when the batch was created.</summary>
    [JsonPropertyName("created_at")]
    public required long CreatedAt { get; init; }

    /// <summary>Gets when rows began to be answered, or null.</summary>
    [JsonPropertyName("in_progress_at")]
    public long? InProgressAt { get; init; }

    /// <summary>Gets when unfinished rows will expire, or null for never.</summary>
    [JsonPropertyName("expires_at")]
    public long? ExpiresAt { get; init; }

    /// <summary>Gets when the output files began to be put together, or null.</summary>
    [JsonPropertyName("finalizing_at")]
    public long? FinalizingAt { get; init; }

    /// <summary>Gets when the batch was done, or null.</summary>
    [JsonPropertyName("completed_at")]
    public long? CompletedAt { get; init; }

    /// <summary>Gets when the input was refused, or null.</summary>
    [JsonPropertyName("failed_at")]
    public long? FailedAt { get; init; }

    /// <summary>Gets when the batch ended because its time had run out, or null.</summary>
    [JsonPropertyName("expired_at")]
    public long? ExpiredAt { get; init; }

    /// <summary>Gets when the batch was asked to stop, or null.</summary>
    [JsonPropertyName("cancelling_at")]
    public long? CancellingAt { get; init; }

    /// <summary>Gets when the batch ended because it was asked to, or null.</summary>
    [JsonPropertyName("cancelled_at")]
    public long? CancelledAt { get; init; }

    /// <summary>Gets the rows.</summary>
    [JsonPropertyName("request_counts")]
    public BatchRequestCounts RequestCounts { get => field ?? new(); init; }

    /// <summary>Gets the tokens used so far.</summary>
    [JsonPropertyName("usage")]
    public BatchUsage Usage { get => field ?? new(); init; }

    /// <summary>Gets the submitter's pairs.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
