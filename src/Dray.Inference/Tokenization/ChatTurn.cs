namespace Dray.Inference.Tokenization;

/// <summary>Neighbouring messages of one role, merged.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">Text, never empty, alternating with pictures or reasoning.</param>
/// <param name="ToolCalls">An assistant's calls.</param>
/// <param name="ToolCallId">The call that a tool's result answers, or null.</param>
/// <param name="FirstMessage">The index of the first message it was made from, or -1.</param>
internal sealed record ChatTurn(
    ChatRole Role, IReadOnlyList<ContentPart> Content, IReadOnlyList<ToolCall> ToolCalls, string? ToolCallId, int FirstMessage);
