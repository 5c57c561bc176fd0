using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>OpenAI's error object.</summary>
public sealed record ErrorBody
{
    /// <summary><see cref="Type"/> where the request is at fault.</summary>
    public const string InvalidRequestType = "invalid_request_error";

    /// <summary><see cref="Type"/> where the server is at fault.</summary>
    public const string ServerType = "server_error";

    /// <summary>Gets the sentence for people: names the value and the remedy.</summary>
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    /// <summary>Gets the family: <c>invalid_request_error</c> or <c>server_error</c>.</summary>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    /// <summary>Gets the field at fault, such as <c>messages[1].role</c>, or null.</summary>
    [JsonPropertyName("param")]
    public string? Param { get; init; }

    /// <summary>Gets the code, such as <c>context_length_exceeded</c>: one of <see cref="ErrorCodes"/>.</summary>
    [JsonPropertyName("code")]
    public required string Code { get; init; }
}
