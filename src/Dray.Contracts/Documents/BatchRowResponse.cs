using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>The answer to one row, as an HTTP call would have given it.</summary>
public sealed record BatchRowResponse
{
    /// <summary>Gets the HTTP status: 200, or 4xx where the row is at fault, 5xx where the engine is.</summary>
    [JsonPropertyName("status_code")]
    public required int StatusCode { get; init; }

    /// <summary>Gets the request's id, for logs.</summary>
    [JsonPropertyName("request_id")]
    public required string RequestId { get; init; }

    /// <summary>Gets a <see cref="ChatCompletion"/> where the status is 200, an <see cref="ErrorResponse"/> otherwise.</summary>
    [JsonPropertyName("body")]
    public required JsonElement Body { get; init; }
}
