using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>OpenAI's chat-completion object: the body of a row that succeeded.</summary>
public sealed record ChatCompletion
{
    /// <summary>Gets the completion's id.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Gets the object's type: <c>chat.completion</c>.</summary>
    [JsonPropertyName("object")]
    public string Object { get => field ?? "chat.completion"; init; }

    /// <summary>
    /// Gets when the completion was asked for (Unix seconds); in a batch, when the batch was created, so that a resumed run gives the same
    /// bytes.
    /// </summary>
    [JsonPropertyName("created")]
    public required long Created { get; init; }

    /// <summary>Gets the name of the model that answered.</summary>
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>Gets the answers, one per <c>n</c>.</summary>
    [JsonPropertyName("choices")]
    public required IReadOnlyList<ChatChoice> Choices { get; init; }

    /// <summary>Gets the tokens used.</summary>
    [JsonPropertyName("usage")]
    public required CompletionUsage Usage { get; init; }

    /// <summary>Gets the prompt's tokens with their log-probabilities, null for the first, which nothing predicts; absent where they weren't asked for.</summary>
    [JsonPropertyName("prompt_logprobs")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatTokenLogprob?>? PromptLogprobs { get; init; }
}
