using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>OpenAI's list of models.</summary>
public sealed record ModelList
{
    /// <summary>Gets the object's type: <c>list</c>.</summary>
    [JsonPropertyName("object")]
    public string Object { get => field ?? "list"; init; }

    /// <summary>Gets the models that requests may ask for.</summary>
    [JsonPropertyName("data")]
    public required IReadOnlyList<ModelDescription> Data { get; init; }
}
