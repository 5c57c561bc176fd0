using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Worker.Http;

/// <summary>What the OpenAPI document says of a completion's body; <see cref="KnownFields"/> has all fields.</summary>
internal sealed record CompletionRequest : SampledRequest
{
    [Description("A text, a list of texts, a list of token ids, or a list of such lists.")]
    [JsonPropertyName("prompt")]
    public required JsonElement Prompt { get; init; }

    [Description("Whether the answer begins with the prompt.")]
    [JsonPropertyName("echo")]
    public bool? Echo { get; init; }

    [Description("How many alternatives to return with each token's log-probability, up to 20.")]
    [JsonPropertyName("logprobs")]
    public int? Logprobs { get; init; }
}
