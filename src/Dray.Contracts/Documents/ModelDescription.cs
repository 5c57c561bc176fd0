using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>OpenAI's model object.</summary>
public sealed record ModelDescription
{
    /// <summary>Gets the name that requests ask for.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Gets the object's type: <c>model</c>.</summary>
    [JsonPropertyName("object")]
    public string Object { get => field ?? "model"; init; }

    /// <summary>Gets when the model was loaded (Unix seconds).</summary>
    [JsonPropertyName("created")]
    public required long Created { get; init; }

    /// <summary>Gets who serves it: <c>dray</c>.</summary>
    [JsonPropertyName("owned_by")]
    public string OwnedBy { get => field ?? "dray"; init; }

    /// <summary>Gets the most tokens of a prompt and its answer together.</summary>
    [JsonPropertyName("max_model_len")]
    public required int MaxModelLen { get; init; }
}
