using Dray.Inference.Checkpoints;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Calibration;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tuning;

/// <summary>AutoRound's SignRound: each block's rounding is tuned on calibration samples.</summary>
public sealed class SignRoundQuantizer : IBlockQuantizer
{
    private readonly CpuBackend _backend;
    private readonly TuningOptions _options;
    private readonly int _samples;
    private readonly BlockChain _chain;
    private readonly BlockGradients _gradients;
    private readonly BlockTuner _tuner;

    /// <summary>Embeds the calibration samples.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="embedding">The embedding table, [vocabulary, hidden].</param>
    /// <param name="calibration">The samples.</param>
    /// <param name="options">How to tune.</param>
    public SignRoundQuantizer(CpuBackend backend, TextConfig config, LinearSource embedding, CalibrationSet calibration, TuningOptions options)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(embedding);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Iterations, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(calibration.Samples.Count, 1, nameof(calibration));
        (_backend, _options, _samples) = (backend, options, calibration.Samples.Count);
        var inputs = options.UsesQuantizedInputs ? StudentInputs.Quantized : StudentInputs.Original;
        _chain = new BlockChain(backend, config, embedding, calibration, options, inputs);
        _gradients = new BlockGradients(backend, config);
        var masks = calibration.Samples.Select(sample => TokenMask.Of(sample, options.PadToken)).ToList();
        var loss = new BlockLoss(_chain.Pass.Operations, masks, options.Loss, config.RmsNormEpsilon);
        _tuner = new BlockTuner(backend, _chain.Pass, _chain.Rows, _gradients, loss, options);
    }

    /// <inheritdoc/>
    public BlockResult Quantize(DecoderBlock block, IProgress<(int Iteration, double Loss)>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(block);
        var magnitudes = _chain.Advance(block);
        var scales = block.Layers.Select((layer, i) => ScalesOf(layer, magnitudes.Of(i))).ToList();

        // A seed for each block, so that a run that goes on after an interruption meets the batches that it would have met.
        var random = new PythonRandom(_options.Seed + block.Index);
        var sampler = new BatchSampler(_samples, _options.BatchSize, order => random.Shuffle(order.AsSpan()));
        var result = _tuner.Tune(block, scales, _chain.Inputs, _chain.Targets, sampler, progress, cancellationToken);
        _chain.AdvanceQuantized(block, result.Weights);
        return result;
    }

    /// <inheritdoc/>
    public void Replay(DecoderBlock block, IReadOnlyDictionary<string, QuantizedWeight> weights)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(weights);
        _chain.Advance(block);
        _chain.AdvanceQuantized(block, weights);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _chain.Dispose();
        _gradients.Dispose();
    }

    private float[]? ScalesOf(BlockLayer layer, float[] magnitudes) =>
        _options.SearchesScales && layer.Scheme is { IsSymmetric: true } ? ScaleSearch.Scales(layer, magnitudes, _backend.Team) : null;
}
