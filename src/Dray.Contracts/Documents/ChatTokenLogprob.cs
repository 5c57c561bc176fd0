using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A token with its log-probability.</summary>
public sealed record ChatTokenLogprob
{
    /// <summary>Gets the token's text; U+FFFD where it holds part of a character only.</summary>
    [JsonPropertyName("token")]
    public required string Token { get; init; }

    /// <summary>Gets the natural logarithm of its probability.</summary>
    [JsonPropertyName("logprob")]
    public required float Logprob { get; init; }

    /// <summary>Gets the token's UTF-8 bytes.</summary>
    [JsonPropertyName("bytes")]
    public required IReadOnlyList<int> Bytes { get; init; }

    /// <summary>Gets the most probable tokens at its place, best first; absent within such a list.</summary>
    [JsonPropertyName("top_logprobs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatTokenLogprob>? TopLogprobs { get; init; }
}
