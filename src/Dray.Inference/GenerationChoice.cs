using Dray.Inference.Tokenization;

namespace Dray.Inference;

/// <summary>One sampled answer.</summary>
/// <param name="Content">The text; null when the answer is tool calls only.</param>
/// <param name="ToolCalls">The calls the model made, empty when none.</param>
/// <param name="FinishReason">Why generation ended.</param>
public sealed record GenerationChoice(string? Content, IReadOnlyList<ToolCall> ToolCalls, FinishReason FinishReason)
{
    /// <summary>Gets whether the model began a tool call that can't be read; its text is part of <see cref="Content"/>.</summary>
    public bool HasMalformedToolCalls { get; init; }

    /// <summary>Gets the answer's tokens with their probabilities, or null where they weren't asked for.</summary>
    public IReadOnlyList<TokenProbability>? LogProbs { get; init; }
}
