using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>
/// <c>batches/{batch_id}/state.json</c>: where the batch is. Changed only under If-Match; the manifest decides when it is done.
/// </summary>
public sealed record BatchState
{
    /// <summary>Gets the batch as clients see it.</summary>
    [JsonPropertyName("batch")]
    public required Batch Batch { get; init; }

    /// <summary>Gets how many chunks there are, or 0 before the input is cut.</summary>
    [JsonPropertyName("chunk_count")]
    public int ChunkCount { get; init; }

    /// <summary>Gets the chunks that are done, by number.</summary>
    [JsonPropertyName("chunks")]
    public IReadOnlyList<ChunkResult> Chunks { get => field ?? []; init; }

    /// <summary>Gets how far the chunks are that aren't done, by number, as of a few seconds ago.</summary>
    [JsonPropertyName("running")]
    public IReadOnlyList<RunningChunk> Running { get => field ?? []; init; }

    /// <summary>Gets the id of the uploaded file that the input is a copy of, or null where there is none.</summary>
    [JsonPropertyName("input_file_id")]
    public string? InputFileId { get; init; }

    /// <summary>Gets whose rows go first.</summary>
    [JsonPropertyName("priority")]
    public JobPriority Priority { get; init; }

    /// <summary>Gets how many tokens the batch may use altogether, or null for as many as it wants.</summary>
    [JsonPropertyName("max_tokens_total")]
    public long? MaxTokensTotal { get; init; }

    /// <summary>
    /// Gets how many tokens the last submission allowed: the same again, which may be the same message delivered again, takes nothing back
    /// that was allowed since.
    /// </summary>
    [JsonPropertyName("submitted_max_tokens_total")]
    public long? SubmittedMaxTokensTotal { get; init; }
}
