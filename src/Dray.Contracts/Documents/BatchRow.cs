using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>One line of an input file, in OpenAI's batch format. Other top-level fields are refused.</summary>
public sealed record BatchRow
{
    /// <summary>The only method: <c>POST</c>.</summary>
    public const string PostMethod = "POST";

    /// <summary>The only endpoint: <c>/v1/chat/completions</c>.</summary>
    public const string ChatCompletionsUrl = "/v1/chat/completions";

    /// <summary>The most characters that a <see cref="CustomId"/> may have.</summary>
    public const int MaxCustomIdLength = 512;

    /// <summary>Gets the producer's name for the row, unique in the file; answers are matched on it.</summary>
    [JsonPropertyName("custom_id")]
    public required string CustomId { get; init; }

    /// <summary>Gets the HTTP method. <value>The default value is <c>POST</c>.</value></summary>
    [JsonPropertyName("method")]
    public string Method { get => field ?? PostMethod; init; }

    /// <summary>Gets the endpoint. <value>The default value is <c>/v1/chat/completions</c>.</value></summary>
    [JsonPropertyName("url")]
    public string Url { get => field ?? ChatCompletionsUrl; init; }

    /// <summary>Gets the request: a chat-completion body.</summary>
    [JsonPropertyName("body")]
    public required JsonElement Body { get; init; }
}
