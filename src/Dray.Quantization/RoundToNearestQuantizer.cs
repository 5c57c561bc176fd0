using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;

namespace Dray.Quantization;

/// <summary>Quantizes blocks by rounding to nearest; needs no calibration text.</summary>
/// <param name="backend">Its threads do the work.</param>
public sealed class RoundToNearestQuantizer(CpuBackend backend) : IBlockQuantizer
{
    /// <inheritdoc/>
    public BlockResult Quantize(DecoderBlock block, IProgress<(int Iteration, double Loss)>? progress, CancellationToken cancellationToken)
    {
        var weights = new Dictionary<string, QuantizedWeight>(StringComparer.Ordinal);
        foreach (var layer in block.Layers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (layer.Scheme is not null) weights.Add(layer.Name, RoundToNearest.Quantize(layer, backend.Team));
        }

        return new BlockResult(weights, [], 0, null);
    }

    /// <inheritdoc/>
    public void Replay(DecoderBlock block, IReadOnlyDictionary<string, QuantizedWeight> weights)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
