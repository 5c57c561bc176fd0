using System.Text.Json;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

/// <summary>A real language model, base and quantized, on real text: the likelihood of each chunk against upstream's.</summary>
public sealed class PerplexityGoldenTests
{
    private const int Chunks = 3;

    [Theory]
    [InlineData("base", "nll-base.jsonl")]
    [InlineData("w4a16-rtn", "nll-w4a16_rtn.jsonl")]
    public void Evaluate_SmolLm2_EveryChunkIsUpstreams(string checkpoint, string golden)
    {
        var expected = File.ReadLines(SharedFolder.Require("goldens", "eval", golden)).Select(line => JsonElement.Parse(line)).ToArray();
        using var backend = CpuPaths.Float32();
        using var model = LanguageModel.Load(SmolLm2.Folder(checkpoint), backend);
        var ids = SmolLm2.Text(model);

        var report = new PerplexityEvaluator(model).Evaluate(ids, chunks: Chunks);

        for (var i = 0; i < Chunks; i++)
        {
            var (half, all) = (expected[i].GetProperty("nll_second_half").GetDouble(), expected[i].GetProperty("nll_all").GetDouble());
            var rounded = ScoreInSingle(model, [.. ids.AsSpan(i * 512, 512)]);
            rounded.SecondHalf.ShouldBe(half, 1e-3, $"chunk {i}");
            rounded.All.ShouldBe(all, 1e-3, $"chunk {i}");
            report.Chunks[i].SecondHalf.ShouldBe(half, 1e-5 * 255, $"chunk {i}");
            report.Chunks[i].All.ShouldBe(all, 1e-5 * 511, $"chunk {i}");
        }
    }

    [Fact]
    public void Evaluate_SmolLm2OnTheBestPath_PerplexityIsUpstreamsToATenthOfAPercent()
    {
        using var backend = new CpuBackend();
        using var model = LanguageModel.Load(SmolLm2.Folder("w4a16-rtn"), backend);
        var golden = File.ReadLines(SharedFolder.Require("goldens", "eval", "nll-w4a16_rtn.jsonl")).Take(Chunks);
        var expected = golden.Sum(line => JsonElement.Parse(line).GetProperty("nll_all").GetDouble());

        var report = new PerplexityEvaluator(model).Evaluate(SmolLm2.Text(model), chunks: Chunks);

        // The mean of log-likelihoods moves by as much as the perplexity, relatively.
        var tokens = Chunks * 511;
        (report.Chunks.Sum(chunk => chunk.All) / tokens).ShouldBe(expected / tokens, 1e-3);
    }

    /// <summary>
    /// Scores a chunk as the golden was: log-softmax in float32, its sum in 16 lanes. Lanes near 1 lose the tail of 49,000 small terms, about
    /// 8e-6 a token, always downwards; the evaluator sums in float64 and is compared with that much room.
    /// </summary>
    private static ChunkLikelihood ScoreInSingle(LanguageModel model, int[] chunk)
    {
        var (half, all) = (0.0, 0.0);
        model.Run(chunk);
        for (var position = 0; position < chunk.Length - 1; position++)
        {
            var row = model.Logits(position, 1)[0];
            var max = row[0];
            foreach (var logit in row) max = Math.Max(max, logit);
            var lanes = new float[16];
            for (var k = 0; k < row.Length; k++) lanes[k % 16] += MathF.Exp(row[k] - max);
            for (var width = 8; width > 0; width /= 2)
            {
                for (var lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
            }

            double likelihood = -(row[chunk[position + 1]] - max - MathF.Log(lanes[0]));
            all += likelihood;
            if (position >= chunk.Length / 2) half += likelihood;
        }

        return new ChunkLikelihood(half, all);
    }
}
