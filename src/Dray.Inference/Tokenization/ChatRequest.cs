using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>The conversation part of an OpenAI chat-completion body: messages, tools and continuation.</summary>
public sealed record ChatRequest
{
    /// <summary>Gets the URLs of all pictures, in the order the model sees them.</summary>
    public IReadOnlyList<string> ImageUrls { get; init; } = [];

    /// <summary>Reads messages and tools of a chat-completion body.</summary>
    /// <exception cref="RequestRejectedException">A field is missing or of the wrong kind; the message names it.</exception>
    public static ChatRequest Parse(JsonElement body) => throw new NotSupportedException(body.ToString());
}
