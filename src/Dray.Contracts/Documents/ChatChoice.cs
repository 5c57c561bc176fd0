using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>One answer of a chat completion.</summary>
public sealed record ChatChoice
{
    /// <summary>Gets the answer's number, from 0.</summary>
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    /// <summary>Gets what the model said.</summary>
    [JsonPropertyName("message")]
    public required ChatMessage Message { get; init; }

    /// <summary>Gets the log-probabilities, or null where none were asked for.</summary>
    [JsonPropertyName("logprobs")]
    public ChatLogprobs? Logprobs { get; init; }

    /// <summary>Gets why generation ended: <c>stop</c>, <c>length</c> or <c>tool_calls</c>.</summary>
    [JsonPropertyName("finish_reason")]
    public required string FinishReason { get; init; }

    /// <summary>Gets whether the model began a tool call that can't be read; its text is in the message's content then. Absent where it didn't.</summary>
    [JsonPropertyName("malformed_tool_calls")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MalformedToolCalls { get; init; }
}
