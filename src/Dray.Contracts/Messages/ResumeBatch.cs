using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Message: go on with a batch that is paused, or that is incomplete because its tokens were spent.</summary>
public sealed record ResumeBatch
{
    /// <summary>Gets the batch's id.</summary>
    [JsonPropertyName("batch_id")]
    public required string BatchId { get; init; }

    /// <summary>
    /// Gets how many tokens the batch may use altogether from now on, those that it used already included, or null for as many as before.
    /// </summary>
    [JsonPropertyName("max_tokens_total")]
    public long? MaxTokensTotal { get; init; }
}
