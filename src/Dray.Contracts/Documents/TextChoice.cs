using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>One answer of a completion.</summary>
public sealed record TextChoice
{
    /// <summary>Gets the answer's number, from 0.</summary>
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    /// <summary>Gets the text, after that of the prompt where <c>echo</c> asks for it; in an event, what is added.</summary>
    [JsonPropertyName("text")]
    public required string Text { get; init; }

    /// <summary>Gets the log-probabilities, or null where none were asked for.</summary>
    [JsonPropertyName("logprobs")]
    public TextLogprobs? Logprobs { get; init; }

    /// <summary>Gets why generation ended: <c>stop</c> or <c>length</c>; null in events before the answer's last.</summary>
    [JsonPropertyName("finish_reason")]
    public string? FinishReason { get; init; }
}
