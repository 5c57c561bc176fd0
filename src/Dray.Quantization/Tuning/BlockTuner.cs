using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tuning;

/// <summary>
/// Tunes the rounding of a block's linear layers together, so that its output stays close to what it was: SignSGD with a rate that falls linearly
/// to 0 (Cheng et al., "Optimize Weight Rounding via Signed Gradient Descent", 2023). An iteration's loss is of the parameters before its step,
/// so the first is that of rounding to nearest, and the last has no step.
/// </summary>
/// <param name="backend">What multiplies.</param>
/// <param name="pass">The block's passes.</param>
/// <param name="rows">What goes in and comes out of them.</param>
/// <param name="gradients">Scratch for gradients.</param>
/// <param name="loss">The loss.</param>
/// <param name="options">How to tune.</param>
internal sealed class BlockTuner(CpuBackend backend, BlockPass pass, SampleRows rows, BlockGradients gradients, BlockLoss loss, TuningOptions options)
{
    /// <summary>Tunes a block.</summary>
    /// <param name="block">Its weights.</param>
    /// <param name="scales">For each layer, scales to begin with; null for those of the weights' range.</param>
    /// <param name="inputs">What the block is going to get.</param>
    /// <param name="targets">What it is to make of them.</param>
    /// <param name="sampler">Hands out the samples of each iteration.</param>
    /// <param name="progress">Told the iterations done and the loss of the last one.</param>
    /// <param name="cancellationToken">Stops between two iterations.</param>
    public BlockResult Tune(
        DecoderBlock block,
        IReadOnlyList<float[]?> scales,
        ActivationStore inputs,
        ActivationStore targets,
        BatchSampler sampler,
        IProgress<(int Iteration, double Loss)>? progress,
        CancellationToken cancellationToken)
    {
        var quantizers = block.Layers.Select((layer, i) => layer.Scheme is null ? null : new FakeQuantizer(layer, backend.Team, scales[i])).ToArray();
        var sources = block.Layers.Select((layer, i) => SourceOf(layer, quantizers[i]?.Quantized)).ToArray();
        var losses = new List<double>(options.Iterations);
        var bestIteration = 0;
        pass.LoadNorms(block);
        for (var i = 0; i < options.Iterations; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            pass.LoadLayers(sources);
            var isLast = i == options.Iterations - 1;
            losses.Add(Iterate(sampler.Next(), inputs, targets, differentiate: !isLast));
            if (!double.IsFinite(losses[i])) return RoundToNearest(block, losses, i);
            if (losses[i] < losses[bestIteration] || i == 0 || !options.KeepsBest)
            {
                bestIteration = i;
                foreach (var quantizer in quantizers) quantizer?.Keep();
            }

            progress?.Report((i + 1, losses[i]));
            if (!isLast) Step(block, quantizers, i);
        }

        foreach (var quantizer in quantizers) quantizer?.Restore();
        return new BlockResult(Named(block, i => quantizers[i]!.Quantized), losses, bestIteration, null);
    }

    /// <summary>A layer as products take it: its quantized weights, or its own where it has none.</summary>
    public static LinearSource SourceOf(BlockLayer layer, QuantizedWeight? quantized) =>
        quantized is not null ? new RoundedLinear(layer.Name, quantized)
        : BrainFloatLinear.Holds(layer.Weight) ? new BrainFloatLinear(layer.Name, layer.Outputs, layer.Inputs, layer.Weight)
        : new FloatLinear(layer.Name, layer.Outputs, layer.Inputs, layer.Weight);

    /// <summary>The loss of a batch per token that counts, as AutoRound prints it, and the gradients of all its micro-batches.</summary>
    private double Iterate(ReadOnlySpan<int> batch, ActivationStore inputs, ActivationStore targets, bool differentiate)
    {
        var sum = 0.0;
        for (var first = 0; first < batch.Length; first += rows.MaxSamples)
        {
            var samples = batch.Slice(first, Math.Min(rows.MaxSamples, batch.Length - first));
            var (x, y, target) = rows.Take(samples.Length);
            inputs.Read(samples, x);
            targets.Read(samples, target);
            pass.Forward(x, y, isDraft: true);
            sum += loss.Differentiate(samples, y, target, (long)batch.Length * rows.Tokens * y.Columns);
            if (differentiate && double.IsFinite(sum)) pass.Backward(y, gradients, accumulate: first > 0);
        }

        return sum / Math.Max(1, loss.CountedTokens(batch));
    }

    private void Step(DecoderBlock block, FakeQuantizer?[] quantizers, int iteration)
    {
        for (var layer = 0; layer < quantizers.Length; layer++)
        {
            if (quantizers[layer] is not { } quantizer) continue;
            var rates = SignSgdSchedule.For(options.Iterations, block.Layers[layer].Scheme!.Value.Bits, options.Rate);
            var scaleRates = options.ScaleRate is { } first ? rates with { First = first } : rates;
            quantizer.Step(
                HostTensorBuffer.Span(gradients.Of(layer)), rates.Rate(iteration), options.TunesScales ? scaleRates.Rate(iteration) : 0);
        }
    }

    private BlockResult RoundToNearest(DecoderBlock block, List<double> losses, int iteration)
    {
        var weights = Named(block, i => Rounding.RoundToNearest.Quantize(block.Layers[i], backend.Team));
        return new BlockResult(
            weights,
            losses,
            0,
            $"Block {block.Index}: the loss of iteration {iteration} is {losses[iteration]}, so its layers were rounded to nearest; " +
            "a block before it may overflow, or the calibration text may be unlike any that the model knows.");
    }

    private static Dictionary<string, QuantizedWeight> Named(DecoderBlock block, Func<int, QuantizedWeight> weightOf) =>
        Enumerable.Range(0, block.Layers.Count).Where(i => block.Layers[i].Scheme is not null).ToDictionary(i => block.Layers[i].Name, weightOf);
}
