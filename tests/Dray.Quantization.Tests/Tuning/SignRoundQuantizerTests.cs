using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tests.Evaluation;
using Dray.Quantization.Tuning;

namespace Dray.Quantization.Tests.Tuning;

public sealed class SignRoundQuantizerTests
{
    private static readonly TuningOptions Options = new() { Iterations = 6, BatchSize = 4 };

    [Fact]
    public void Quantize_TwoBlocks_LowersTheLossOfBoth()
    {
        var results = Quantize(Options with { Iterations = 30 });
        foreach (var result in results)
        {
            result.Warning.ShouldBeNull();
            result.Losses.Count.ShouldBe(30);
            result.Losses[result.BestIteration].ShouldBeLessThan(0.8 * result.Losses[0]);
        }
    }

    [Fact]
    public void Replay_FirstBlock_SecondIsQuantizedAsWithoutInterruption()
    {
        var whole = Quantize(Options);
        using var backend = CpuPaths.Float32();
        using var quantizer = Create(backend, Options);
        quantizer.Replay(SyntheticBlocks.Block(0), whole[0].Weights);

        var resumed = quantizer.Quantize(SyntheticBlocks.Block(1), null, CancellationToken.None);

        ShouldBeSame(resumed, whole[1]);
    }

    [Fact]
    public void Quantize_OriginalInputs_DifferFromTheSecondBlockOn()
    {
        var quantized = Quantize(Options);
        var original = Quantize(Options with { UsesQuantizedInputs = false });

        ShouldBeSame(original[0], quantized[0]);
        original[1].Losses[0].ShouldBeLessThan(quantized[1].Losses[0]);
    }

    [Fact]
    public void Quantize_SpilledActivations_GivesTheSameAndLeavesNoFile()
    {
        using var folder = new TemporaryFolder();
        var spilled = Quantize(Options with { SpillFolder = folder.Path });
        var kept = Quantize(Options);

        for (var i = 0; i < kept.Count; i++) ShouldBeSame(spilled[i], kept[i]);
        Directory.EnumerateFileSystemEntries(folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public void Quantize_BrainFloatActivations_HasNearlyTheSameFirstLoss()
    {
        var rounded = Quantize(Options with { StoresBrainFloats = true });
        var kept = Quantize(Options);
        for (var i = 0; i < kept.Count; i++) rounded[i].Losses[0].ShouldBe(kept[i].Losses[0], 0.02 * kept[i].Losses[0]);
    }

    [Fact]
    public void Quantize_SearchedScales_BeginsBelowRoundingToNearest()
    {
        var searched = Quantize(Options with { SearchesScales = true, Iterations = 30 });
        searched[0].Losses[0].ShouldBeLessThan(Quantize(Options with { Iterations = 1 })[0].Losses[0]);
        searched[0].Losses.Min().ShouldBeLessThan(searched[0].Losses[0]);
    }

    [Fact]
    public void Quantize_LayersOfSeveralSchemes_QuantizesThoseThatHaveOne()
    {
        using var backend = CpuPaths.Float32();
        using var quantizer = Create(backend, Options);
        var block = SyntheticBlocks.Block(0, name => name switch
        {
            "self_attn.o_proj" => null,
            "mlp.gate_proj" => new WeightScheme(8, -1, true),
            "mlp.up_proj" => new WeightScheme(3, 32, false),
            _ => new WeightScheme(2, 64, true),
        });

        var result = quantizer.Quantize(block, null, CancellationToken.None);

        result.Weights.Keys.ShouldBe(block.Layers.Select(layer => layer.Name).Where(name => name != "self_attn.o_proj"), ignoreOrder: true);
        foreach (var layer in block.Layers.Where(layer => layer.Scheme is not null)) result.Weights[layer.Name].Scheme.ShouldBe(layer.Scheme!.Value);
        result.Losses[^1].ShouldBeLessThan(result.Losses[0]);
    }

    [Fact]
    public void Quantize_LastIterationIsWanted_KeepsIt()
    {
        Quantize(Options with { KeepsBest = false }).ShouldAllBe(result => result.BestIteration == Options.Iterations - 1);
    }

    [Fact]
    public void Quantize_ScalesNotTuned_KeepsThoseOfTheRange()
    {
        using var backend = CpuPaths.Float32();
        var result = Quantize(Options with { TunesScales = false })[0];
        foreach (var layer in SyntheticBlocks.Block(0).Layers)
            result.Weights[layer.Name].Scales.ShouldBe(RoundToNearest.Quantize(layer, backend.Team).Scales);
    }

    [Fact]
    public void Quantize_Cancelled_StopsBetweenIterations()
    {
        using var backend = CpuPaths.Float32();
        using var quantizer = Create(backend, Options);
        using var cancellation = new CancellationTokenSource();
        var progress = new Progress(cancellation, 3);

        Should.Throw<OperationCanceledException>(() => quantizer.Quantize(SyntheticBlocks.Block(0), progress, cancellation.Token));

        progress.Iterations.ShouldBe([1, 2, 3]);
    }

    private static List<BlockResult> Quantize(TuningOptions options)
    {
        using var backend = CpuPaths.Float32();
        using var quantizer = Create(backend, options);
        return [.. Enumerable.Range(0, 2).Select(i => quantizer.Quantize(SyntheticBlocks.Block(i), null, CancellationToken.None))];
    }

    private static SignRoundQuantizer Create(CpuBackend backend, TuningOptions options) =>
        new(backend, SyntheticBlocks.Config, SyntheticBlocks.Embedding, SyntheticBlocks.Calibration, options);

    private static void ShouldBeSame(BlockResult actual, BlockResult expected)
    {
        actual.Losses.ShouldBe(expected.Losses);
        actual.BestIteration.ShouldBe(expected.BestIteration);
        foreach (var (name, weight) in expected.Weights)
        {
            actual.Weights[name].Codes.ShouldBe(weight.Codes);
            actual.Weights[name].Scales.ShouldBe(weight.Scales);
        }
    }

    private sealed class Progress(CancellationTokenSource cancellation, int last) : IProgress<(int Iteration, double Loss)>
    {
        public List<int> Iterations { get; } = [];

        public void Report((int Iteration, double Loss) value)
        {
            Iterations.Add(value.Iteration);
            if (value.Iteration == last) cancellation.Cancel();
        }
    }
}
