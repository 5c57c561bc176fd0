namespace Dray.Inference.Tokenization;

/// <summary>One message of a conversation.</summary>
public sealed record ChatMessage
{
    /// <summary>Gets who speaks.</summary>
    public required ChatRole Role { get; init; }

    /// <summary>Gets the content in order; empty when there is none.</summary>
    public IReadOnlyList<ContentPart> Content { get; init; } = [];

    /// <summary>
    /// Gets the calls an assistant made. An id that the request left out is the text <c>null</c>, as in mistral-common; an id
    /// longer than nine characters is cut to its last nine, as vLLM does.
    /// </summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>Gets which call a tool answers, cut like the ids of <see cref="ToolCalls"/>; null for other roles.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>Gets the name of the tool that answers, or null.</summary>
    public string? Name { get; init; }
}
