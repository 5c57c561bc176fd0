using System.Text.Json.Serialization;

namespace Dray.Contracts;

/// <summary>What answered a batch: the engine that committed it and its model.</summary>
public sealed record EngineIdentity
{
    /// <summary>Gets the engine's version.</summary>
    [JsonPropertyName("version")]
    public required string Version { get; init; }

    /// <summary>Gets the compute backend, such as <c>cpu-avx512</c>.</summary>
    [JsonPropertyName("backend")]
    public required string Backend { get; init; }

    /// <summary>Gets the model's name.</summary>
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>Gets the SHA-256 over the checkpoint's headers and configuration, hex.</summary>
    [JsonPropertyName("model_digest")]
    public required string ModelDigest { get; init; }
}
