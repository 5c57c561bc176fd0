using Dray.Inference.Compute.Cpu;
using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

public sealed class LayersBenchmarkTests
{
    [Fact]
    public void Run_UnevenPrefill_MeasuresWhatWasAskedFor()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        var options = new LayersOptions { Shape = "demo", Layers = 1, PromptTokens = 6, DecodeTokens = 20, Parallel = [3, 1, 3], PrefillTokens = 15, Repeats = 1 };

        var result = new LayersBenchmark(backend, options).Run(cancellationToken: TestContext.Current.CancellationToken);

        result.Parallel.Select(level => level.Sequences).ShouldBe([3, 1]);
        double[] rates = [result.Prompt, result.Decode, result.Prefill.ShouldNotBeNull(), .. result.Parallel.Select(level => level.Rate)];
        rates.ShouldAllBe(rate => rate > 0);
    }

    [Fact]
    public void Run_NoParallelAndNoPrefill_LeavesThemOut()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        var options = new LayersOptions { Shape = "demo", Layers = 1, PromptTokens = 3, DecodeTokens = 40, Parallel = [], PrefillTokens = 0, Repeats = 1 };

        var result = new LayersBenchmark(backend, options).Run(cancellationToken: TestContext.Current.CancellationToken);

        result.Parallel.ShouldBeEmpty();
        result.Prefill.ShouldBeNull();
    }

    [Fact]
    public void Result_Shares_AreOfTheLimits()
    {
        var result = new LayersResult(400, 30, [], null, 500_000_000, 2e9, new MachineLimits(20, 1000, "test"));

        result.DecodeShareOfReads.ShouldBe(0.75, 1e-12);
        result.ShareOfPeak(result.Prompt).ShouldBe(0.8, 1e-12);
    }

    [Fact]
    public void Timing_OneProduct_CountsRowsOperationsAndBytes()
    {
        var timing = new KernelTiming("o", 1000, 2000, 1, 4, 1_000_000, 0.001);

        (timing.TokensPerSecond, timing.Gigaflops, timing.WeightBandwidth).ShouldBe((4000, 16, 1));
    }
}
