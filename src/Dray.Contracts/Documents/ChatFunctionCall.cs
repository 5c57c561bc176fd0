using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A function's name and arguments.</summary>
public sealed record ChatFunctionCall
{
    /// <summary>Gets the function's name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Gets the arguments as the model wrote them: JSON text, not necessarily valid.</summary>
    [JsonPropertyName("arguments")]
    public required string Arguments { get; init; }
}
