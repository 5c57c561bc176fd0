using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>OpenAI's File object: an input that was uploaded, or the rows that a batch gave.</summary>
public sealed record BatchFile
{
    /// <summary>The <see cref="Purpose"/> of an input.</summary>
    public const string InputPurpose = "batch";

    /// <summary>The <see cref="Purpose"/> of the rows that a batch gave.</summary>
    public const string OutputPurpose = "batch_output";

    /// <summary>Gets the file's id.</summary>
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary>Gets the object's type: <c>file</c>.</summary>
    [JsonPropertyName("object")]
    public string Object { get => field ?? "file"; init; }

    /// <summary>Gets the file's size in bytes.</summary>
    [JsonPropertyName("bytes")]
    public required long Bytes { get; init; }

    /// <summary>Gets when it was uploaded or put together, Unix seconds.</summary>
    [JsonPropertyName("created_at")]
    public required long CreatedAt { get; init; }

    /// <summary>Gets the name that it has for people; it names no place.</summary>
    [JsonPropertyName("filename")]
    public required string FileName { get; init; }

    /// <summary>Gets what it is for: <c>batch</c> or <c>batch_output</c>.</summary>
    [JsonPropertyName("purpose")]
    public required string Purpose { get; init; }

    /// <summary>Gets whether it can be used: always <c>processed</c>.</summary>
    [JsonPropertyName("status")]
    public string Status { get => field ?? "processed"; init; }
}
