namespace Dray.Inference;

/// <summary>The answer to one request.</summary>
/// <param name="Choices">One per <c>n</c>.</param>
/// <param name="PromptTokens">Tokens of the prompt, pictures included.</param>
/// <param name="CompletionTokens">Tokens generated, over all choices.</param>
public sealed record GenerationResult(IReadOnlyList<GenerationChoice> Choices, int PromptTokens, int CompletionTokens)
{
    /// <summary>
    /// Gets the prompt's first token, or null where probabilities of the prompt weren't asked for. Nothing predicts it: its own probability
    /// counts as 1.
    /// </summary>
    public TokenProbability? PromptStart { get; init; }

    /// <summary>Gets the prompt's tokens from the second on with their probabilities, or null where they weren't asked for.</summary>
    public IReadOnlyList<TokenProbability>? PromptLogProbs { get; init; }
}
