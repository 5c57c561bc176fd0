using System.Numerics.Tensors;
using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Calibration;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tuning;

/// <summary>
/// AutoRound's optimised rounding to nearest: nothing is tuned, but scales are searched that suit what the layers get of calibration samples.
/// Layers with an asymmetric scheme are rounded to nearest.
/// </summary>
public sealed class OptimisedRoundingQuantizer : IBlockQuantizer
{
    private readonly CpuBackend _backend;
    private readonly BlockChain _chain;
    private readonly int _samples;

    /// <summary>Embeds the calibration samples.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="embedding">The embedding table, [vocabulary, hidden].</param>
    /// <param name="calibration">The samples.</param>
    /// <param name="options">How many tokens go through a block at a time, and where activations are kept; the rest is not used.</param>
    public OptimisedRoundingQuantizer(
        CpuBackend backend, TextConfig config, LinearSource embedding, CalibrationSet calibration, TuningOptions options)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(calibration.Samples.Count, 1, nameof(calibration));
        (_backend, _samples) = (backend, calibration.Samples.Count);
        _chain = new BlockChain(backend, config, embedding, calibration, options, StudentInputs.None);
    }

    /// <inheritdoc/>
    public BlockResult Quantize(DecoderBlock block, IProgress<(int Iteration, double Loss)>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(block);
        cancellationToken.ThrowIfCancellationRequested();
        var magnitudes = _chain.Advance(block);
        var weights = new Dictionary<string, QuantizedWeight>();
        for (var i = 0; i < block.Layers.Count; i++)
        {
            if (block.Layers[i].Scheme is not { } scheme) continue;
            weights[block.Layers[i].Name] = scheme.IsSymmetric
                ? ScaleSearch.Quantize(block.Layers[i], PerSample(magnitudes.Of(i)), _backend.Team)
                : RoundToNearest.Quantize(block.Layers[i], _backend.Team);
        }

        return new BlockResult(weights, [], 0, null);
    }

    /// <inheritdoc/>
    public void Replay(DecoderBlock block, IReadOnlyDictionary<string, QuantizedWeight> weights)
    {
        ArgumentNullException.ThrowIfNull(block);
        _chain.Advance(block);
    }

    /// <inheritdoc/>
    public void Dispose() => _chain.Dispose();

    private float[] PerSample(float[] magnitudes)
    {
        var means = new float[magnitudes.Length];
        TensorPrimitives.Divide(magnitudes, _samples, means);
        return means;
    }
}
