using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary><c>batches/{batch_id}/manifest.json</c>: the commit point. Written once; a batch that has one is done.</summary>
public sealed record BatchManifest
{
    /// <summary>Gets the batch in its last state: counts, usage, timestamps.</summary>
    [JsonPropertyName("batch")]
    public required Batch Batch { get; init; }

    /// <summary>Gets the input.</summary>
    [JsonPropertyName("input")]
    public required BlobDigest Input { get; init; }

    /// <summary>Gets the rows that succeeded.</summary>
    [JsonPropertyName("output")]
    public required BlobDigest Output { get; init; }

    /// <summary>Gets the rows that failed.</summary>
    [JsonPropertyName("errors")]
    public required BlobDigest Errors { get; init; }

    /// <summary>Gets what answered.</summary>
    [JsonPropertyName("engine")]
    public required EngineIdentity Engine { get; init; }

    /// <summary>Gets the chunks, by number.</summary>
    [JsonPropertyName("chunks")]
    public required IReadOnlyList<ChunkResult> Chunks { get; init; }
}
