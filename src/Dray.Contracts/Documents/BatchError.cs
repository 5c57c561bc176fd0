using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>One problem of a batch's input.</summary>
public sealed record BatchError
{
    /// <summary>Gets the code, such as <c>invalid_request</c>.</summary>
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    /// <summary>Gets the sentence for people.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    /// <summary>Gets the line of the input, from 1, or null where it isn't about one.</summary>
    [JsonPropertyName("line")]
    public long? Line { get; init; }

    /// <summary>Gets the field at fault, or null.</summary>
    [JsonPropertyName("param")]
    public string? Param { get; init; }
}
