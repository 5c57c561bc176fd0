using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Calibration;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tuning;

/// <summary>
/// The calibration samples on their way through the blocks: as the model has them, and as its quantized blocks give them. Both begin with the
/// tokens' embeddings.
/// </summary>
internal sealed class BlockChain : IDisposable
{
    private readonly TextConfig _config;
    private readonly int _samples;
    private readonly StudentInputs _studentInputs;
    private readonly ActivationStore? _inputs;
    private readonly TrainingKernels? _kernels;

    /// <summary>Embeds the samples.</summary>
    /// <param name="backend">What computes.</param>
    /// <param name="config">The blocks' shape.</param>
    /// <param name="embedding">The embedding table, [vocabulary, hidden].</param>
    /// <param name="calibration">The samples.</param>
    /// <param name="options">How much to compute at a time, and where activations are kept.</param>
    /// <param name="studentInputs">What is kept for blocks to be tuned on.</param>
    public BlockChain(
        CpuBackend backend, TextConfig config, LinearSource embedding, CalibrationSet calibration, TuningOptions options, StudentInputs studentInputs)
    {
        (_config, _samples, _studentInputs) = (config, calibration.Samples.Count, studentInputs);
        var (tokens, hidden) = (calibration.SequenceLength, config.HiddenSize);
        var atOnce = Math.Clamp(options.MicroBatchTokens / tokens, 1, Math.Min(options.BatchSize, _samples));
        _kernels = backend.InstructionSet >= CpuInstructionSet.Avx512Vnni ? new TrainingKernels() : null;
        Pass = new BlockPass(backend, config, tokens, atOnce, () => _kernels is null ? new FloatProducts(backend) : new GroupProducts(backend, _kernels));
        Rows = new SampleRows(backend, atOnce, tokens, hidden);
        if (studentInputs != StudentInputs.None) _inputs = new ActivationStore(_samples, tokens, hidden, options.StoresBrainFloats, options.SpillFolder);
        Targets = new ActivationStore(_samples, tokens, hidden, options.StoresBrainFloats, options.SpillFolder);
        var embedded = Rows.Take(1).Inputs;
        for (var sample = 0; sample < _samples; sample++)
        {
            for (var i = 0; i < tokens; i++) embedding.ReadRows(calibration.Samples[sample][i], 1, HostTensorBuffer.RowSpan(embedded, i));
            _inputs?.Write([sample], embedded);
            Targets.Write([sample], embedded);
        }
    }

    /// <summary>Gets the passes.</summary>
    public BlockPass Pass { get; }

    /// <summary>Gets what goes in and comes out of passes.</summary>
    public SampleRows Rows { get; }

    /// <summary>Gets what the block that is to be tuned gets, where that is kept.</summary>
    public ActivationStore Inputs => _inputs ?? throw new InvalidOperationException("No inputs of blocks are kept.");

    /// <summary>Gets what the last block gives where nothing is quantized: the target of its quantized self.</summary>
    public ActivationStore Targets { get; }

    /// <summary>Sends the samples through a block that isn't quantized.</summary>
    /// <param name="block">Its weights.</param>
    /// <returns>What its layers got.</returns>
    public InputMagnitudes Advance(DecoderBlock block)
    {
        var magnitudes = new InputMagnitudes(_config);
        Pass.LoadNorms(block);
        Pass.LoadLayers([.. block.Layers.Select(layer => BlockTuner.SourceOf(layer, null))]);
        ForEach(samples =>
        {
            var (x, y, _) = Rows.Take(samples.Length);
            Targets.Read(samples, x);
            if (_studentInputs == StudentInputs.Original) Inputs.Write(samples, x);
            Pass.Forward(x, y);
            magnitudes.Add(Pass, x.Rows);
            Targets.Write(samples, y);
        });
        return magnitudes;
    }

    /// <summary>Sends the samples through a quantized block, where blocks are to get what quantized ones give.</summary>
    /// <param name="block">Its weights.</param>
    /// <param name="weights">Its quantized weights by layer.</param>
    public void AdvanceQuantized(DecoderBlock block, IReadOnlyDictionary<string, QuantizedWeight> weights)
    {
        if (_studentInputs != StudentInputs.Quantized) return;
        Pass.LoadNorms(block);
        Pass.LoadLayers([.. block.Layers.Select(layer => BlockTuner.SourceOf(layer, weights.GetValueOrDefault(layer.Name)))]);
        ForEach(samples =>
        {
            var (x, y, _) = Rows.Take(samples.Length);
            Inputs.Read(samples, x);
            Pass.Forward(x, y);
            Inputs.Write(samples, y);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pass.Dispose();
        Rows.Dispose();
        _inputs?.Dispose();
        Targets.Dispose();
        _kernels?.Dispose();
    }

    private void ForEach(Action<int[]> run)
    {
        for (var first = 0; first < _samples; first += Rows.MaxSamples)
            run([.. Enumerable.Range(first, Math.Min(Rows.MaxSamples, _samples - first))]);
    }
}
