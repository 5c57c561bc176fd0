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
        var sampler = new BatchSampler(32, 8, new PythonRandom(42));

        foreach (var batch in golden.GetProperty("batches").EnumerateArray())
            sampler.Next().ToArray().ShouldBe(batch.EnumerateArray().Select(index => index.GetInt32()));
    }

    [Fact]
    public void Next_FewerThanABatchLeft_ShufflesAllAndStartsOver()
    {
        var sampler = new BatchSampler(5, 2, new PythonRandom(1));

        for (var round = 0; round < 20; round++)
            sampler.Next().ToArray().Concat(sampler.Next().ToArray()).Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public void Next_FewerSamplesThanABatch_AllAreABatch() =>
        new BatchSampler(3, 8, new PythonRandom(1)).Next().ToArray().Order().ShouldBe([0, 1, 2]);
}
