using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tests.Evaluation;
using Dray.Quantization.Tuning;

namespace Dray.Quantization.Tests.Tuning;

/// <summary>A block tuned with upstream's batches against upstream's run.</summary>
public sealed class BlockTunerGoldenTests
{
    /// <summary>
    /// Signs of gradients at rounding level differ between one order of summation and another (and upstream adds up dL/ds in fp16), and what
    /// comes of them grows: after some ten iterations single losses of two runs of this very code on different instruction sets lie up to 4 %
    /// apart. So the curve is followed closely at first and on the average later.
    /// </summary>
    [Fact]
    public void Tune_UpstreamsBatches_FollowsUpstreamsLosses()
    {
        using var golden = new GoldenBlock();
        var expected = golden.TokenLosses;
        var result = Tune(golden, new TuningOptions { Iterations = expected.Length });

        result.Warning.ShouldBeNull();
        result.Losses.Count.ShouldBe(expected.Length);
        result.Losses[0].ShouldBe(expected[0], 1e-6 * expected[0]);
        for (var i = 0; i < 6; i++) result.Losses[i].ShouldBe(expected[i], 0.01 * expected[i], $"iteration {i}");
        for (var i = 0; i < expected.Length; i++) result.Losses[i].ShouldBe(expected[i], 0.12 * expected[i], $"iteration {i}");
        result.Losses.Average().ShouldBe(expected.Average(), 0.01 * expected.Average());
        result.Losses[result.BestIteration].ShouldBe(expected[golden.BestIteration], 0.02 * expected[golden.BestIteration]);
        result.Losses[result.BestIteration].ShouldBe(result.Losses.Min());
    }

    [Theory]
    [InlineData("after1", 1)]
    [InlineData("best", 36)]
    public void Loss_UpstreamsParameters_IsUpstreams(string parameters, int iteration)
    {
        using var golden = new GoldenBlock();
        using var backend = CpuPaths.Float32();
        using var pass = new BlockPass(backend, GoldenBlock.Config, GoldenBlock.SequenceLength, 8, () => new FloatProducts(backend));
        using var rows = new SampleRows(backend, 8, GoldenBlock.SequenceLength, GoldenBlock.Config.HiddenSize);
        using var inputs = Store(golden.Tensor("block_input"));
        using var targets = Store(golden.Tensor("block_output"));
        pass.LoadNorms(golden.Block());
        pass.LoadLayers([.. golden.Block().Layers.Select(layer => new RoundedLinear(layer.Name, Rounded(golden, layer, parameters, backend)))]);

        var (x, y, target) = rows.Take(8);
        inputs.Read(golden.Batches[iteration], x);
        targets.Read(golden.Batches[iteration], target);
        pass.Forward(x, y);
        var loss = Loss(pass, LossKind.Mse).Differentiate(golden.Batches[iteration], y, target, y.Rows * y.Columns);

        loss.ShouldBe(golden.Losses[iteration], 2e-6 * loss);
    }

    [Fact]
    public void Tune_MicroBatches_GiveTheSameLosses()
    {
        using var golden = new GoldenBlock();
        var whole = Tune(golden, new TuningOptions { Iterations = 5 });
        var parts = Tune(golden, new TuningOptions { Iterations = 5, MicroBatchTokens = 3 * GoldenBlock.SequenceLength });

        for (var i = 0; i < whole.Losses.Count; i++) parts.Losses[i].ShouldBe(whole.Losses[i], 2e-3 * whole.Losses[i], $"iteration {i}");
        parts.Losses[0].ShouldBe(whole.Losses[0], 1e-7 * whole.Losses[0]);
    }

    [Fact]
    public void Tune_OneOrTwoThreads_GivesTheSameBits()
    {
        using var golden = new GoldenBlock();
        var one = Tune(golden, new TuningOptions { Iterations = 4 }, threads: 1);
        var two = Tune(golden, new TuningOptions { Iterations = 4 }, threads: 2);

        two.Losses.ShouldBe(one.Losses);
        foreach (var (name, weight) in one.Weights)
        {
            two.Weights[name].Codes.ShouldBe(weight.Codes);
            two.Weights[name].Scales.ShouldBe(weight.Scales);
        }
    }

    [Fact]
    public void Tune_RelativeLoss_Falls()
    {
        using var golden = new GoldenBlock();
        var result = Tune(golden, new TuningOptions { Iterations = 20, Loss = LossKind.RelativeMse });
        result.Losses[^1].ShouldBeLessThan(0.6 * result.Losses[0]);
    }

    [Fact]
    public void Tune_InputIsNaN_RoundsToNearestAndWarns()
    {
        using var golden = new GoldenBlock();
        var result = Tune(golden, new TuningOptions { Iterations = 3 }, spoiledSample: golden.Batches[1][0]);

        result.Losses.Count.ShouldBe(2);
        result.Warning.ShouldNotBeNull().ShouldContain("Block 0: the loss of iteration 1 is NaN");
        result.Weights.Keys.ShouldBe(GoldenBlock.Layers, ignoreOrder: true);
    }

    private static BlockResult Tune(GoldenBlock golden, TuningOptions options, int threads = 2, int? spoiledSample = null)
    {
        var (tokens, config) = (GoldenBlock.SequenceLength, GoldenBlock.Config);
        var atOnce = Math.Min(options.BatchSize, options.MicroBatchTokens / tokens);
        using var backend = CpuPaths.Float32(threads);
        using var pass = new BlockPass(backend, config, tokens, atOnce, () => new FloatProducts(backend));
        using var rows = new SampleRows(backend, atOnce, tokens, config.HiddenSize);
        using var gradients = new BlockGradients(backend, config);
        using var inputs = Store(golden.Tensor("block_input"), spoiledSample);
        using var targets = Store(golden.Tensor("block_output"));
        var tuner = new BlockTuner(backend, pass, rows, gradients, Loss(pass, options.Loss), options);
        return tuner.Tune(golden.Block(), new float[]?[7], inputs, targets, GoldenBlock.Sampler(), null, CancellationToken.None);
    }

    private static QuantizedWeight Rounded(GoldenBlock golden, BlockLayer layer, string parameters, CpuBackend backend)
    {
        var quantizer = new FakeQuantizer(layer, backend.Team);
        golden.Tensor($"{parameters}.{layer.Name}.value").CopyTo(quantizer.Offsets, 0);
        Scales("min_scale").CopyTo(quantizer.Parameters.Alpha, 0);
        Scales("max_scale").CopyTo(quantizer.Parameters.Beta, 0);
        quantizer.Forward();
        return quantizer.Quantized;

        // Upstream's parameters are kept in range when they are used, not when they are moved.
        float[] Scales(string name) => [.. golden.Tensor($"{parameters}.{layer.Name}.{name}").Select(value => Math.Clamp(value, 0, 1))];
    }

    private static BlockLoss Loss(BlockPass pass, LossKind kind)
    {
        var tokens = Enumerable.Range(0, GoldenBlock.SequenceLength).ToArray();
        var masks = Enumerable.Range(0, GoldenBlock.Samples).Select(_ => TokenMask.Of(tokens, null)).ToList();
        return new BlockLoss(pass.Operations, masks, kind, GoldenBlock.Config.RmsNormEpsilon);
    }

    private static ActivationStore Store(float[] values, int? spoiledSample = null)
    {
        var (tokens, hidden) = (GoldenBlock.SequenceLength, GoldenBlock.Config.HiddenSize);
        var store = new ActivationStore(GoldenBlock.Samples, tokens, hidden, storesBrainFloats: false, folder: null);
        using var backend = CpuPaths.Float32();
        using var buffer = backend.Allocate(tokens, hidden);
        for (var sample = 0; sample < GoldenBlock.Samples; sample++)
        {
            var rows = GoldenBlock.Gather(values, [sample]);
            if (sample == spoiledSample) rows[7] = float.NaN;
            backend.Upload(rows, buffer.View);
            store.Write([sample], buffer.View);
        }

        return store;
    }
}
