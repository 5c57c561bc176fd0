using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Worker.Http;

/// <summary>What the OpenAPI document says of a chat completion's body; <see cref="KnownFields"/> has all fields.</summary>
internal sealed record ChatCompletionRequest : SampledRequest
{
    [Description("The conversation: objects with role and content, oldest first.")]
    [JsonPropertyName("messages")]
    public required IReadOnlyList<JsonElement> Messages { get; init; }

    [Description("What max_tokens is.")]
    [JsonPropertyName("max_completion_tokens")]
    public int? MaxCompletionTokens { get; init; }

    [Description("The functions on offer.")]
    [JsonPropertyName("tools")]
    public IReadOnlyList<JsonElement>? Tools { get; init; }

    [Description("auto, none, required, or an object that names a function.")]
    [JsonPropertyName("tool_choice")]
    public JsonElement? ToolChoice { get; init; }

    [Description("Whether one answer may hold several calls.")]
    [JsonPropertyName("parallel_tool_calls")]
    public bool? ParallelToolCalls { get; init; }

    [Description("text, json_object, or json_schema with a schema.")]
    [JsonPropertyName("response_format")]
    public JsonElement? ResponseFormat { get; init; }

    [Description("Whether to return log-probabilities.")]
    [JsonPropertyName("logprobs")]
    public bool? Logprobs { get; init; }

    [Description("How many alternatives to return with each token, up to 20.")]
    [JsonPropertyName("top_logprobs")]
    public int? TopLogprobs { get; init; }
}
