using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A message of the model.</summary>
public sealed record ChatMessage
{
    /// <summary>Gets the speaker: <c>assistant</c>.</summary>
    [JsonPropertyName("role")]
    public string Role { get => field ?? "assistant"; init; }

    /// <summary>Gets the text, or null where the answer is tool calls only.</summary>
    [JsonPropertyName("content")]
    public string? Content { get; init; }

    /// <summary>Gets the calls; absent where there are none.</summary>
    [JsonPropertyName("tool_calls")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatToolCall>? ToolCalls { get; init; }
}
