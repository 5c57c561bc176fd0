using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A chunk whose rows are all done and in the store.</summary>
public sealed record ChunkResult
{
    /// <summary>Gets the chunk's number in the batch, from 0.</summary>
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    /// <summary>Gets the rows with an answer.</summary>
    [JsonPropertyName("completed")]
    public required int Completed { get; init; }

    /// <summary>Gets the rows with an error.</summary>
    [JsonPropertyName("failed")]
    public required int Failed { get; init; }

    /// <summary>Gets the tokens used.</summary>
    [JsonPropertyName("usage")]
    public required BatchUsage Usage { get; init; }

    /// <summary>Gets the SHA-256 of the chunk's blob, lower-case hex.</summary>
    [JsonPropertyName("sha256")]
    public required string Sha256 { get; init; }
}
