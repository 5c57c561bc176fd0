using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dray.Inference.Checkpoints;

/// <summary>What <c>dray inspect</c> tells about a checkpoint. In JSON the keys are snake_case.</summary>
public sealed record CheckpointReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        WriteIndented = true,
    };

    /// <summary>Gets the folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the architecture as config.json names it.</summary>
    public required string Architecture { get; init; }

    /// <summary>Gets the checkpoint's digest.</summary>
    public required string Digest { get; init; }

    /// <summary>Gets the decoder's shape.</summary>
    public required TextConfig Text { get; init; }

    /// <summary>Gets the vision encoder's shape, or null.</summary>
    public required VisionConfig? Vision { get; init; }

    /// <summary>Gets how the weights are quantized, or null.</summary>
    public required QuantizationSummary? Quantization { get; init; }

    /// <summary>Gets the number of parameters; a tied head counts once.</summary>
    public required long Parameters { get; init; }

    /// <summary>Gets the number of weight files.</summary>
    public required int Files { get; init; }

    /// <summary>Gets the size of the weight files in bytes.</summary>
    public required long BytesOnDisk { get; init; }

    /// <summary>
    /// Gets the bytes that the packed weights need: codes at their own width, an fp16 scale per group, a byte per group for a zero point
    /// that is not in the middle, dense matrices as stored, normalisation gains in float32.
    /// </summary>
    public required long WeightBytes { get; init; }

    /// <summary>Gets what the KV cache needs for each element type.</summary>
    public required IReadOnlyList<KvMemory> KvCache { get; init; }

    /// <summary>Gets the names of tensors in the files that the model has no use for.</summary>
    public required IReadOnlyList<string> UnusedTensors { get; init; }

    /// <summary>The report as one JSON document.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}
