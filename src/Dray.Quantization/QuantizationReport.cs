using System.Text.Json;
using Dray.Quantization.Export;

namespace Dray.Quantization;

/// <summary>What was quantized, how, and how it went; <c>quantization-report.json</c> beside the weights.</summary>
public sealed record QuantizationReport
{
    /// <summary>Gets Dray's version.</summary>
    public required string Dray { get; init; }

    /// <summary>Gets the name of the source's folder.</summary>
    public required string Source { get; init; }

    /// <summary>Gets the source's digest (SHA-256, hex).</summary>
    public required string SourceDigest { get; init; }

    /// <summary>Gets the options.</summary>
    public required QuantizationOptions Options { get; init; }

    /// <summary>Gets the layers by name and scheme.</summary>
    public required IReadOnlyList<LayerSummary> Layers { get; init; }

    /// <summary>Gets the blocks.</summary>
    public required IReadOnlyList<BlockReport> Blocks { get; init; }

    /// <summary>Gets the bytes of the source's tensors.</summary>
    public required long BytesBefore { get; init; }

    /// <summary>Gets the bytes of the output's tensors.</summary>
    public required long BytesAfter { get; init; }

    /// <summary>Gets how long the blocks took, over all runs, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Gets what the operator should know, as sentences.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ExportJson.Options);
}
