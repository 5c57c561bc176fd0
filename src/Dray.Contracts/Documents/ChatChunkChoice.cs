using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>What one answer of a streamed chat completion gained.</summary>
public sealed record ChatChunkChoice
{
    /// <summary>Gets the answer's number, from 0.</summary>
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    /// <summary>Gets what is added to the message.</summary>
    [JsonPropertyName("delta")]
    public required ChatDelta Delta { get; init; }

    /// <summary>Gets the log-probabilities of the tokens added, or null where none were asked for.</summary>
    [JsonPropertyName("logprobs")]
    public ChatLogprobs? Logprobs { get; init; }

    /// <summary>Gets why generation ended, in the answer's last chunk; null before.</summary>
    [JsonPropertyName("finish_reason")]
    public string? FinishReason { get; init; }
}
