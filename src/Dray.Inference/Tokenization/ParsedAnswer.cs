namespace Dray.Inference.Tokenization;

/// <summary>An answer taken apart.</summary>
/// <param name="Content">The text before the first call; null where there is a call and no text before it.</param>
/// <param name="ToolCalls">The calls, empty when none.</param>
public sealed record ParsedAnswer(string? Content, IReadOnlyList<ToolCall> ToolCalls)
{
    /// <summary>Gets whether the answer ends in calls, so that its finish reason is <see cref="FinishReason.ToolCalls"/>.</summary>
    public bool CallsTools => ToolCalls.Count > 0;
}
