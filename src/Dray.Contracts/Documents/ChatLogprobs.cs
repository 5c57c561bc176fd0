using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Log-probabilities of an answer.</summary>
public sealed record ChatLogprobs
{
    /// <summary>Gets the answer's tokens, its end included.</summary>
    [JsonPropertyName("content")]
    public required IReadOnlyList<ChatTokenLogprob> Content { get; init; }
}
