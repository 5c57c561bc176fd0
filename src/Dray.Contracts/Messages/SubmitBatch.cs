using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Message: run the rows of an input blob that is already in the store.</summary>
public sealed record SubmitBatch
{
    /// <summary>
    /// Gets the batch's id: 1 to 128 of <c>A-Z a-z 0-9 _ -</c>. The same id again is the same batch: it resumes, or its event is published
    /// once more.
    /// </summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }

    /// <summary>Gets the path of the JSONL blob in the store, or null for <c>batches/{batch_id}/input.jsonl</c>.</summary>
    [JsonPropertyName("input_path")]
    public string? InputPath { get; init; }

    /// <summary>
    /// Gets the time (Unix seconds) after which rows that haven't finished fail with <c>batch_expired</c>, or null for never.
    /// </summary>
    [JsonPropertyName("expires_at")]
    public long? ExpiresAt { get; init; }

    /// <summary>Gets whose rows go first. <value>The default value is <c>normal</c>.</value></summary>
    [JsonPropertyName("priority")]
    public JobPriority Priority { get; init; }

    /// <summary>
    /// Gets how many tokens, of prompts and answers, the batch may use altogether, or null for as many as it wants. Once they are used the
    /// batch stops as <c>incomplete</c>; submitting it again with more goes on.
    /// </summary>
    [JsonPropertyName("max_tokens_total")]
    public long? MaxTokensTotal { get; init; }

    /// <summary>Gets pairs that are handed back in the batch object.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
