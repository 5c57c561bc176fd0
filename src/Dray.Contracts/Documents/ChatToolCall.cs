using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A call of a tool by the model.</summary>
public sealed record ChatToolCall
{
    /// <summary>Gets the call's id, which the tool's answer refers to.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Gets the kind: <c>function</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get => field ?? "function"; init; }

    /// <summary>Gets the function and its arguments.</summary>
    [JsonPropertyName("function")]
    public required ChatFunctionCall Function { get; init; }
}
