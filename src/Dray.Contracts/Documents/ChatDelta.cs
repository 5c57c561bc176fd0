using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>What a chunk adds to the model's message.</summary>
public sealed record ChatDelta
{
    /// <summary>Gets the speaker, in an answer's first chunk only.</summary>
    [JsonPropertyName("role")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    /// <summary>Gets the text that follows; absent where there is none.</summary>
    [JsonPropertyName("content")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    /// <summary>Gets the calls that follow, each whole; absent where there are none.</summary>
    [JsonPropertyName("tool_calls")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatToolCallDelta>? ToolCalls { get; init; }
}
