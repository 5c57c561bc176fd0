using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>The body of a response that is an error: <c>{"error":{...}}</c>.</summary>
public sealed record ErrorResponse
{
    /// <summary>Gets what is wrong.</summary>
    [JsonPropertyName("error")]
    public required ErrorBody Error { get; init; }
}
