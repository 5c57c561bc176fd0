using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tests.Evaluation;
using Dray.Quantization.Tuning;

namespace Dray.Quantization.Tests.Tuning;

/// <summary>A block's forward and backward pass against what upstream's autograd gave.</summary>
public sealed class BlockPassGoldenTests
{
    private const int Hidden = 256;

    [Fact]
    public void Forward_FloatWeights_IsUpstreamsOutput()
    {
        using var golden = new GoldenBlock();
        using var backend = CpuPaths.Float32();
        using var pass = Pass(backend, golden, golden.Block().Layers.Select(layer => new FloatLinear(layer.Name, layer.Outputs, layer.Inputs, layer.Weight)));

        var output = Run(backend, pass, golden.Tensor("block_input"));

        Compare(output, golden.Tensor("block_output"));
    }

    [Fact]
    public void Forward_RoundedWeights_IsUpstreamsPrediction()
    {
        using var golden = new GoldenBlock();
        using var backend = CpuPaths.Float32();
        using var pass = Pass(backend, golden, golden.Block().Layers.Select(layer => new RoundedLinear(layer.Name, RoundToNearest.Quantize(layer, backend.Team))));

        var output = Run(backend, pass, GoldenBlock.Gather(golden.Tensor("block_input"), golden.Batches[0]));

        Compare(output, golden.Tensor("pred_iter0"));
    }

    [Fact]
    public void Backward_FirstBatch_HasUpstreamsGradients()
    {
        using var golden = new GoldenBlock();
        using var backend = CpuPaths.Float32();
        var weights = golden.Block().Layers.Select(layer => RoundToNearest.Quantize(layer, backend.Team)).ToList();
        using var pass = Pass(backend, golden, weights.Select((weight, i) => new RoundedLinear(GoldenBlock.Layers[i], weight)));
        using var gradients = new BlockGradients(backend, GoldenBlock.Config);
        var target = GoldenBlock.Gather(golden.Tensor("block_output"), golden.Batches[0]);
        var output = Run(backend, pass, GoldenBlock.Gather(golden.Tensor("block_input"), golden.Batches[0]));

        var loss = 0.0;
        for (var i = 0; i < output.Length; i++)
        {
            var error = i / Hidden % GoldenBlock.SequenceLength == GoldenBlock.SequenceLength - 1 ? 0 : output[i] - target[i];
            loss += error * (double)error / output.Length;
            output[i] = 2 * error / output.Length;
        }

        using var dy = backend.Allocate(output.Length / Hidden, Hidden);
        backend.Upload(output, dy.View);
        pass.Backward(dy.View, gradients, accumulate: false);

        loss.ShouldBe(golden.Losses[0], 1e-5 * loss);
        for (var layer = 0; layer < weights.Count; layer++)
        {
            var expected = golden.Tensor($"grad0.{GoldenBlock.Layers[layer]}.value");
            var actual = Values(backend, gradients.Of(layer));
            var weight = weights[layer];
            for (var i = 0; i < actual.Length; i++) actual[i] *= weight.Scales[i / 128];
            CompareGradients(actual, expected, golden.Block().Layers[layer], weight);
        }
    }

    private static void CompareGradients(float[] actual, float[] expected, BlockLayer layer, QuantizedWeight weight)
    {
        var largest = expected.Max(MathF.Abs);
        for (var i = 0; i < actual.Length; i++)
        {
            var code = MathF.Round(layer.Weight[i] / weight.Scales[i / 128]);
            if (code is <= -8 or >= 7) expected[i].ShouldBe(0);
            else actual[i].ShouldBe(expected[i], (1e-4f * Math.Abs(expected[i])) + (2e-6f * largest), $"{layer.Name}[{i}]");
        }
    }

    private static BlockPass Pass(CpuBackend backend, GoldenBlock golden, IEnumerable<LinearSource> layers)
    {
        var pass = new BlockPass(backend, GoldenBlock.Config, GoldenBlock.SequenceLength, GoldenBlock.Samples, () => new FloatProducts(backend));
        pass.LoadNorms(golden.Block());
        pass.LoadLayers([.. layers]);
        return pass;
    }

    private static float[] Run(CpuBackend backend, BlockPass pass, float[] input)
    {
        using var x = backend.Allocate(input.Length / Hidden, Hidden);
        using var y = backend.Allocate(input.Length / Hidden, Hidden);
        backend.Upload(input, x.View);
        pass.Forward(x.View, y.View);
        return Values(backend, y.View);
    }

    private static float[] Values(CpuBackend backend, Tensor tensor)
    {
        var values = new float[tensor.Rows * tensor.Columns];
        backend.Download(tensor, values);
        return values;
    }

    private static void Compare(float[] actual, float[] expected)
    {
        actual.Length.ShouldBe(expected.Length);
        var tolerance = 1e-5 * expected.Max(MathF.Abs);
        for (var i = 0; i < actual.Length; i++)
        {
            // Upstream hides the last token of each sample from itself.
            if (i / Hidden % GoldenBlock.SequenceLength == GoldenBlock.SequenceLength - 1) continue;
            actual[i].ShouldBe(expected[i], tolerance, $"[{i / Hidden}, {i % Hidden}]");
        }
    }
}
