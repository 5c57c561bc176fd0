using System.Text.Json.Nodes;
using Dray.Inference.Checkpoints;
using Dray.Quantization.Rounding;
using Dray.Quantization.Tests.Evaluation;

namespace Dray.Quantization.Tests;

/// <summary>The exporter against auto-round's own export of SmolLM2-135M.</summary>
public sealed class QuantizerGoldenTests
{
    [Fact]
    public void Run_RoundingToNearest_WritesUpstreamsTensorsByteForByte()
    {
        using var folder = new TemporaryFolder();
        var options = QuantizationRecipes.Of("rtn") with { Scheme = new WeightScheme(4, 64, true), MaxShardBytes = 60_000_000 };
        var upstreamFolder = SmolLm2.Folder("w4a16-rtn");

        QuantizerRun.Of(SmolLm2.Folder("base"), folder["out"], options);

        using (var upstream = Checkpoint.Open(upstreamFolder))
        using (var ours = Checkpoint.Open(folder["out"]))
        {
            var tensors = ours.Tensors.ToDictionary(tensor => tensor.Name);
            tensors.Keys.Order().ShouldBe(upstream.Tensors.Select(tensor => tensor.Name).Order());
            foreach (var expected in upstream.Tensors)
            {
                var tensor = tensors[expected.Name];
                (tensor.TypeName, tensor.Length).ShouldBe((expected.TypeName, expected.Length), expected.Name);
                QuantizerRun.Bytes(tensor).AsSpan().SequenceEqual(QuantizerRun.Bytes(expected)).ShouldBeTrue(expected.Name);
            }
        }

        var config = JsonNode.Parse(File.ReadAllText(folder["out", "quantization_config.json"]))!.AsObject();
        config.Remove("producer").ShouldBeTrue();
        config.ToJsonString().ShouldBe(JsonNode.Parse(File.ReadAllText(Path.Combine(upstreamFolder, "quantization_config.json")))!.ToJsonString());
        File.ReadAllBytes(folder["out", "tekken.json"]).ShouldBe(File.ReadAllBytes(Path.Combine(upstreamFolder, "tekken.json")));
    }
}
