using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Tokens of one completion.</summary>
public sealed record CompletionUsage
{
    /// <summary>Gets the prompt's tokens, pictures included.</summary>
    [JsonPropertyName("prompt_tokens")]
    public required int PromptTokens { get; init; }

    /// <summary>Gets the tokens generated, over all choices.</summary>
    [JsonPropertyName("completion_tokens")]
    public required int CompletionTokens { get; init; }

    /// <summary>Gets the sum of both.</summary>
    [JsonPropertyName("total_tokens")]
    public required int TotalTokens { get; init; }
}
