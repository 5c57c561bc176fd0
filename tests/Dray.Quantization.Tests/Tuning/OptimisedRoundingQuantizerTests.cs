using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tests.Evaluation;
using Dray.Quantization.Tuning;

namespace Dray.Quantization.Tests.Tuning;

public sealed class OptimisedRoundingQuantizerTests
{
    [Fact]
    public void Quantize_FirstLayers_AreSearchedByTheirInputsMeanSquares()
    {
        using var backend = CpuPaths.Float32();
        using var quantizer = Create(backend);
        var block = SyntheticBlocks.Block(0);

        var result = quantizer.Quantize(block, null, CancellationToken.None);

        var importance = Importance(backend, block);
        for (var i = 0; i < 3; i++)
        {
            var expected = ScaleSearch.Quantize(block.Layers[i], importance, backend.Team);
            result.Weights[block.Layers[i].Name].Codes.Zip(expected.Codes).Count(pair => pair.First != pair.Second).ShouldBeLessThan(3);
            result.Weights[block.Layers[i].Name].Scales.ShouldBe(expected.Scales, 1e-3);
        }

        result.Losses.ShouldBeEmpty();
        result.Weights.Count.ShouldBe(7);
    }

    [Fact]
    public void Replay_FirstBlock_SecondIsQuantizedAsWithoutInterruption()
    {
        using var backend = CpuPaths.Float32();
        using var whole = Create(backend);
        using var resumed = Create(backend);
        var first = whole.Quantize(SyntheticBlocks.Block(0), null, CancellationToken.None);
        resumed.Replay(SyntheticBlocks.Block(0), first.Weights);

        var expected = whole.Quantize(SyntheticBlocks.Block(1), null, CancellationToken.None);
        var actual = resumed.Quantize(SyntheticBlocks.Block(1), null, CancellationToken.None);

        foreach (var (name, weight) in expected.Weights) actual.Weights[name].Codes.ShouldBe(weight.Codes);
    }

    [Fact]
    public void Quantize_AsymmetricScheme_IsRoundedToNearest()
    {
        using var backend = CpuPaths.Float32();
        using var quantizer = Create(backend);
        var block = SyntheticBlocks.Block(0, _ => new WeightScheme(4, 32, false));

        var result = quantizer.Quantize(block, null, CancellationToken.None);

        foreach (var layer in block.Layers) result.Weights[layer.Name].Codes.ShouldBe(RoundToNearest.Quantize(layer, backend.Team).Codes);
    }

    /// <summary>Of the attention's inputs: squares of the normalised embeddings, summed over tokens and divided by samples.</summary>
    private static float[] Importance(CpuBackend backend, DecoderBlock block)
    {
        var (config, samples) = (SyntheticBlocks.Config, SyntheticBlocks.Calibration.Samples);
        var sums = new double[config.HiddenSize];
        var row = new float[config.HiddenSize];
        foreach (var token in samples.SelectMany(sample => sample))
        {
            SyntheticBlocks.Embedding.ReadRows(token, 1, row);
            var scale = 1 / Math.Sqrt(row.Average(value => value * (double)value) + config.RmsNormEpsilon);
            for (var k = 0; k < row.Length; k++) sums[k] += Math.Pow(row[k] * scale * block.AttentionNorm[k], 2);
        }

        return [.. sums.Select(sum => (float)(sum / samples.Count))];
    }

    private static OptimisedRoundingQuantizer Create(CpuBackend backend) =>
        new(backend, SyntheticBlocks.Config, SyntheticBlocks.Embedding, SyntheticBlocks.Calibration, new TuningOptions());
}
