using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>How far a chunk is that isn't done: rows that are in the store already.</summary>
public sealed record RunningChunk
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
}
