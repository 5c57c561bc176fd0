using Dray.Inference.Tokenization;

namespace Dray.Inference;

/// <summary>What one choice of a streamed answer has gained since the update before it.</summary>
public sealed record GenerationUpdate
{
    /// <summary>Gets which of the <c>n</c> choices it is about.</summary>
    public required int Choice { get; init; }

    /// <summary>Gets the text that follows what came before, maybe empty. It never ends inside a character.</summary>
    public string Text { get; init; } = "";

    /// <summary>Gets the tool calls that are complete now.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Gets the tokens with their probabilities, or none where they weren't asked for.</summary>
    public IReadOnlyList<TokenProbability> LogProbs { get; init; } = [];

    /// <summary>Gets why the choice ended, or null while it goes on.</summary>
    public FinishReason? FinishReason { get; init; }

    /// <summary>Gets the whole answer, in the last update of the stream only.</summary>
    public GenerationResult? Result { get; init; }
}
