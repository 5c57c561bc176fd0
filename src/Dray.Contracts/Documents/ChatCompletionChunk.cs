using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>OpenAI's chat-completion chunk: one event of a streamed answer.</summary>
public sealed record ChatCompletionChunk
{
    /// <summary>Gets the completion's id, the same in all its chunks.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Gets the object's type: <c>chat.completion.chunk</c>.</summary>
    [JsonPropertyName("object")]
    public string Object { get => field ?? "chat.completion.chunk"; init; }

    /// <summary>Gets when the completion was asked for (Unix seconds), the same in all its chunks.</summary>
    [JsonPropertyName("created")]
    public required long Created { get; init; }

    /// <summary>Gets the name of the model that answers.</summary>
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>Gets what choices gained; empty in the chunk that has the usage.</summary>
    [JsonPropertyName("choices")]
    public required IReadOnlyList<ChatChunkChoice> Choices { get; init; }

    /// <summary>Gets the tokens used, in the last chunk where <c>stream_options.include_usage</c> asks for it; null in the others.</summary>
    [JsonPropertyName("usage")]
    public CompletionUsage? Usage { get; init; }
}
