using System.Text.Json;
using Dray.Inference.Tokenization;
using Dray.Quantization.Calibration;

namespace Dray.Quantization.Tests.Calibration;

/// <summary>The samples and batches that AutoRound itself picked.</summary>
public sealed class CalibrationGoldenTests
{
    [Fact]
    public void Load_UpstreamsTextsAndSeed_PicksUpstreamsSamples()
    {
        var model = SharedFolder.Require("models", "smollm2-135m");
        var tokenizer = TekkenTokenizer.Load(Path.Combine(model, "tekken.json"));
        using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(model, "calibration", "samples.json")));
        var expected = golden.RootElement.GetProperty("samples").EnumerateArray()
            .Select(sample => sample.GetProperty("ids").Deserialize<int[]>()!).ToArray();

        var spec = DatasetSpec.Parse($"\"{Path.Combine(model, "calibration", "calibration.jsonl")}\"");
        var load = new CalibrationLoader(tokenizer, TextBoundaries.Of(model)).Load(spec, samples: 64, sequenceLength: 256, seed: 42);

        load.Warnings.ShouldBeEmpty();
        load.Set.SequenceLength.ShouldBe(256);
        load.Set.Samples.Count.ShouldBe(64);
        for (var i = 0; i < expected.Length; i++) load.Set.Samples[i].ShouldBe(expected[i], $"sample {i}");
    }

    [Fact]
    public void Shuffle_UpstreamsSeed_GivesTheBatchesOfTheTunedBlock()
    {
        const int Samples = 32;
        const int Batch = 8;
        using var golden = JsonDocument.Parse(File.ReadAllText(SharedFolder.Require("goldens", "autoround", "signround_block.json")));
        var batches = golden.RootElement.GetProperty("batches").Deserialize<int[][]>()!;

        var random = new PythonRandom(42);
        var order = Enumerable.Range(0, Samples).ToArray();
        random.Shuffle<int>(order);
        var next = 0;
        foreach (var batch in batches)
        {
            if (next + Batch > Samples)
            {
                random.Shuffle<int>(order);
                next = 0;
            }

            order.AsSpan(next, Batch).ToArray().ShouldBe(batch);
            next += Batch;
        }
    }
}
