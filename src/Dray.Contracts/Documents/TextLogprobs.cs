using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Log-probabilities of a completion's tokens, those of the prompt first where <c>echo</c> asks for them. All lists have one entry a token.</summary>
public sealed record TextLogprobs
{
    /// <summary>Gets the tokens' texts; U+FFFD where one holds part of a character only.</summary>
    [JsonPropertyName("tokens")]
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>Gets the natural logarithms of their probabilities; null for a prompt's first token, which nothing predicts.</summary>
    [JsonPropertyName("token_logprobs")]
    public required IReadOnlyList<float?> TokenLogprobs { get; init; }

    /// <summary>Gets the most probable tokens at each place and the token itself, by text; null for a prompt's first token.</summary>
    [JsonPropertyName("top_logprobs")]
    public required IReadOnlyList<IReadOnlyDictionary<string, float>?> TopLogprobs { get; init; }

    /// <summary>Gets where each token begins in the text, in characters (Unicode code points).</summary>
    [JsonPropertyName("text_offset")]
    public required IReadOnlyList<int> TextOffset { get; init; }
}
