using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Worker.Http;

/// <summary>What the OpenAPI document says of the fields that the bodies of both kinds of completions have.</summary>
internal abstract record SampledRequest
{
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
}
