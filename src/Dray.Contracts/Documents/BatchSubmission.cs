using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>
/// <c>batches/{batch_id}/submission.json</c>: what a client submitted under the id. Written once, before the message is sent, so that the
/// same id can't come to mean something else.
/// </summary>
public sealed record BatchSubmission
{
    /// <summary>Gets the input.</summary>
    [JsonPropertyName("input")]
    public required BlobDigest Input { get; init; }

    /// <summary>Gets the id of the uploaded file that the input is a copy of, or null where it came with the submission.</summary>
    [JsonPropertyName("input_file_id")]
    public string? InputFileId { get; init; }

    /// <summary>Gets the pictures that rows name by relative paths, uploaded beside the input, in ordinal order of their paths.</summary>
    [JsonPropertyName("images")]
    public IReadOnlyList<BlobDigest> Images { get => field ?? []; init; }

    /// <summary>Gets whose rows go first.</summary>
    [JsonPropertyName("priority")]
    public JobPriority Priority { get; init; }

    /// <summary>Gets how many tokens the first submission allowed, or null for as many as it wants; a later one may allow others.</summary>
    [JsonPropertyName("max_tokens_total")]
    public long? MaxTokensTotal { get; init; }

    /// <summary>Gets how long after <see cref="CreatedAt"/> unfinished rows expire, in seconds, or null for never.</summary>
    [JsonPropertyName("expires_after_s")]
    public long? ExpiresAfterSeconds { get; init; }

    /// <summary>Gets when it was submitted, Unix seconds.</summary>
    [JsonPropertyName("created_at")]
    public required long CreatedAt { get; init; }

    /// <summary>Gets the submitter's pairs.</summary>
    [JsonPropertyName("metadata")]
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
