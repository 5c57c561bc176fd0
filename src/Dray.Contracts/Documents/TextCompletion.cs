using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>OpenAI's completion object of texts that go on without chat format; streamed, each event is one too.</summary>
public sealed record TextCompletion
{
    /// <summary>Gets the completion's id.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Gets the object's type: <c>text_completion</c>.</summary>
    [JsonPropertyName("object")]
    public string Object { get => field ?? "text_completion"; init; }

    /// <summary>Gets when the completion was asked for (Unix seconds).</summary>
    [JsonPropertyName("created")]
    public required long Created { get; init; }

    /// <summary>Gets the name of the model that answered.</summary>
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>Gets the answers: <c>n</c> to the first prompt, then those to the next.</summary>
    [JsonPropertyName("choices")]
    public required IReadOnlyList<TextChoice> Choices { get; init; }

    /// <summary>Gets the tokens used, over all prompts; null in events other than the last.</summary>
    [JsonPropertyName("usage")]
    public CompletionUsage? Usage { get; init; }
}
