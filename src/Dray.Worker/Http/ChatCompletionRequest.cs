using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Worker.Http;

/// <summary>What the OpenAPI document says of a chat completion's body; <see cref="KnownFields"/> has all fields.</summary>
internal sealed record ChatCompletionRequest
{
    [Description("The conversation: objects with role and content, oldest first.")]
    [JsonPropertyName("messages")]
    public required IReadOnlyList<JsonElement> Messages { get; init; }

    [Description("The model's name; any where the operator set none.")]
    [JsonPropertyName("model")]
    public string? Model { get; init; }

    [Description("The most tokens to generate.")]
    [JsonPropertyName("max_tokens")]
    public int? MaxTokens { get; init; }

    [Description("0 to 2; 0 takes the most probable token.")]
    [JsonPropertyName("temperature")]
    public float? Temperature { get; init; }

    [Description("The probability mass kept.")]
    [JsonPropertyName("top_p")]
    public float? TopP { get; init; }

    [Description("The number of most probable tokens kept.")]
    [JsonPropertyName("top_k")]
    public int? TopK { get; init; }

    [Description("The least probability kept, as a share of the greatest.")]
    [JsonPropertyName("min_p")]
    public float? MinP { get; init; }

    [Description("The number of answers, up to 16.")]
    [JsonPropertyName("n")]
    public int? N { get; init; }

    [Description("The seed of the answer's own generator.")]
    [JsonPropertyName("seed")]
    public long? Seed { get; init; }

    [Description("A text or a list of texts that end the answer.")]
    [JsonPropertyName("stop")]
    public JsonElement? Stop { get; init; }

    [Description("-2 to 2.")]
    [JsonPropertyName("presence_penalty")]
    public float? PresencePenalty { get; init; }

    [Description("-2 to 2.")]
    [JsonPropertyName("frequency_penalty")]
    public float? FrequencyPenalty { get; init; }

    [Description("Above 0; 1 changes nothing.")]
    [JsonPropertyName("repetition_penalty")]
    public float? RepetitionPenalty { get; init; }

    [Description("What is added to single tokens' logits, by token id.")]
    [JsonPropertyName("logit_bias")]
    public IReadOnlyDictionary<string, float>? LogitBias { get; init; }

    [Description("Whether the answer is sent as events.")]
    [JsonPropertyName("stream")]
    public bool? Stream { get; init; }

    [Description("What comes with a stream.")]
    [JsonPropertyName("stream_options")]
    public StreamOptionsDocument? StreamOptions { get; init; }

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
