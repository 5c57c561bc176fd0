using System.Text.Json;
using Dray.Quantization.Calibration;
using Dray.Quantization.Rounding;

namespace Dray.Quantization.Tests.Rounding;

public sealed class BatchSamplerTests
{
    [Fact]
    public void Next_GoldenRun_HandsOutUpstreamsBatches()
    {
        var golden = JsonElement.Parse(File.ReadAllText(SharedFolder.Require("goldens", "autoround", "signround_block.json")));
        var random = new PythonRandom(42);
        var sampler = new BatchSampler(32, 8, order => random.Shuffle(order.AsSpan()));

        foreach (var batch in golden.GetProperty("batches").EnumerateArray())
            sampler.Next().ToArray().ShouldBe(batch.EnumerateArray().Select(index => index.GetInt32()));
    }

    [Fact]
    public void Next_FewerThanABatchLeft_ShufflesAllAndStartsOver()
    {
        var shuffles = 0;
        var sampler = new BatchSampler(5, 2, order =>
        {
            shuffles++;
            Array.Reverse(order);
        });

        int[][] batches = [.. Enumerable.Range(0, 5).Select(_ => sampler.Next().ToArray())];

        batches.ShouldBe([[4, 3], [2, 1], [0, 1], [2, 3], [4, 3]]);
        shuffles.ShouldBe(3);
    }

    [Fact]
    public void Next_FewerSamplesThanABatch_AllAreABatch() => new BatchSampler(3, 8, _ => { }).Next().ToArray().ShouldBe([0, 1, 2]);
}
