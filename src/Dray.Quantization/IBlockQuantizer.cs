using Dray.Quantization.Rounding;

namespace Dray.Quantization;

/// <summary>Quantizes a model's decoder blocks, one after another from the first. What it needs of calibration it has got before.</summary>
public interface IBlockQuantizer : IDisposable
{
    /// <summary>Quantizes the next block.</summary>
    /// <param name="block">Its weights.</param>
    /// <param name="progress">Told the iterations done and the loss of the last one.</param>
    /// <param name="cancellationToken">Stops between two iterations.</param>
    BlockResult Quantize(DecoderBlock block, IProgress<(int Iteration, double Loss)>? progress, CancellationToken cancellationToken);

    /// <summary>Takes note of a block that an earlier, interrupted run has quantized, so that the next one meets what it would have met.</summary>
    /// <param name="block">Its weights.</param>
    /// <param name="weights">What the earlier run made of it, by layer.</param>
    void Replay(DecoderBlock block, IReadOnlyDictionary<string, QuantizedWeight> weights);
}
