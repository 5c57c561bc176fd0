using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>Why a batch was refused as a whole.</summary>
public sealed record BatchErrors
{
    /// <summary>Gets the object's type: <c>list</c>.</summary>
    [JsonPropertyName("object")]
    public string Object { get => field ?? "list"; init; }

    /// <summary>Gets the problems.</summary>
    [JsonPropertyName("data")]
    public required IReadOnlyList<BatchError> Data { get; init; }
}
