using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>The conversation part of an OpenAI chat-completion body: messages, tools and continuation.</summary>
public sealed record ChatRequest : Prompt
{
    /// <summary>Gets the conversation, oldest message first.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Gets the functions on offer, empty when none.</summary>
    public IReadOnlyList<ChatTool> Tools { get; init; } = [];

    /// <summary>Gets whether the answer goes on with the last message, which is the assistant's then.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>Gets the effort asked of a reasoning model, or null. No supported tokenizer version can express it.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>Gets the URLs of all pictures, in the order the model sees them.</summary>
    public IReadOnlyList<string> ImageUrls { get; init; } = [];

    /// <summary>
    /// Reads messages and tools of a chat-completion body. The result holds no reference to the body's document. Roles, ids and
    /// tool schemas are judged later, by <c>ChatEncoder</c>, because the rules depend on the tokenizer's version.
    /// </summary>
    /// <exception cref="RequestRejectedException">A field is missing or of the wrong kind; the message names it.</exception>
    public static ChatRequest Parse(JsonElement body) => ChatRequestReader.Read(body);
}
