using Dray.Inference.Tokenization;

namespace Dray.Inference;

/// <summary>One sampled answer.</summary>
/// <param name="Content">The text; null when the answer is tool calls only.</param>
/// <param name="ToolCalls">The calls the model made, empty when none.</param>
/// <param name="FinishReason">Why generation ended.</param>
public sealed record GenerationChoice(string? Content, IReadOnlyList<ToolCall> ToolCalls, FinishReason FinishReason);
