using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A call of a tool in a streamed answer.</summary>
public sealed record ChatToolCallDelta
{
    /// <summary>Gets which of the message's calls it is, from 0.</summary>
    [JsonPropertyName("index")]
    public required int Index { get; init; }

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
