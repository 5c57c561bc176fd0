using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>A blob of the store and what is in it.</summary>
public sealed record BlobDigest
{
    /// <summary>Gets the path in the store.</summary>
    [JsonPropertyName("path")]
    public required string Path { get; init; }

    /// <summary>Gets the size in bytes.</summary>
    [JsonPropertyName("bytes")]
    public required long Bytes { get; init; }

    /// <summary>Gets the SHA-256 of the content, lower-case hex.</summary>
    [JsonPropertyName("sha256")]
    public required string Sha256 { get; init; }
}
