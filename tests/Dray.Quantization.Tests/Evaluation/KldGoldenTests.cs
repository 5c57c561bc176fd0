using System.Text.Json;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

/// <summary>A real model and its quantized form on real text: the divergence at each position against upstream's.</summary>
public sealed class KldGoldenTests
{
    private const int Chunks = 2;

    [Fact]
    public void Evaluate_SmolLm2Quantized_EveryPositionIsUpstreams()
    {
        var golden = JsonElement.Parse(File.ReadAllText(SharedFolder.Require("goldens", "eval", "kld-positions-w4a16_rtn.json")));

        // The golden is float32's, so a path is taken that rounds no inputs.
        using var backend = CpuPaths.Float32();
        using var reference = LanguageModel.Load(SmolLm2.Folder("base"), backend);
        using var model = LanguageModel.Load(SmolLm2.Folder("w4a16-rtn"), backend);

        var report = new KldEvaluator(reference, model).Evaluate(SmolLm2.Text(model), chunks: Chunks);

        report.Positions.Count.ShouldBe(Chunks * 256);
        var differentTops = 0;
        for (var i = 0; i < report.Positions.Count; i++)
        {
            var expected = golden.GetProperty("chunks")[i / 256][i % 256].GetDouble();
            report.Positions[i].Full.ShouldBe(expected, 1e-4 + (2e-4 * expected), $"position {i}");
            if (report.Positions[i].SameTop != (golden.GetProperty("same_top")[i / 256].GetString()![i % 256] == '1')) differentTops++;
        }

        // Two logits that are all but equal may change places between one engine and another.
        differentTops.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Evaluate_ModelWithItself_IsZeroEverywhere()
    {
        using var backend = new CpuBackend();
        using var model = LanguageModel.Load(SmolLm2.Folder("w4a16-rtn"), backend);
        var report = new KldEvaluator(model, model).Evaluate(SmolLm2.Text(model), context: 64, chunks: 2);
        report.Positions.ShouldAllBe(position => position.Full == 0 && position.Raw == 0 && position.SameTop && (position.DeltaP ?? 0) == 0);
        report.Positions.Count(position => position.DeltaP is null).ShouldBe(2);
        report.SameTopPercent.ShouldBe(100);
    }
}
