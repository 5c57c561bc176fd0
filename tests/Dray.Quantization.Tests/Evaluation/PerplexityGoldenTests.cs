using System.Diagnostics;
using System.Text.Json;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

/// <summary>A real language model, base and quantized, on real text: the likelihood of each chunk against upstream's.</summary>
public sealed class PerplexityGoldenTests
{
    private const int Chunks = 4;

    [Theory]
    [InlineData("base", "nll-base.jsonl")]
    [InlineData("w4a16-rtn", "nll-w4a16_rtn.jsonl")]
    public void Evaluate_SmolLm2_EveryChunkIsUpstreams(string checkpoint, string golden)
    {
        var expected = File.ReadLines(SharedFolder.Require("goldens", "eval", golden)).Select(line => JsonElement.Parse(line)).ToArray();
        using var backend = new CpuBackend();
        using var model = LanguageModel.Load(Path.Combine(Prepared.Value, checkpoint), backend);
        var text = File.ReadAllText(SharedFolder.Require("goldens", "eval", "wiki.test.raw"));
        var ids = model.Tokenizer.Encode(text.AsSpan(0, 64 * 1024));

        var report = new PerplexityEvaluator(model).Evaluate(ids, chunks: Chunks);

        for (var i = 0; i < Chunks; i++)
        {
            report.Chunks[i].SecondHalf.ShouldBe(expected[i].GetProperty("nll_second_half").GetDouble(), 1e-3, $"chunk {i}");
            report.Chunks[i].All.ShouldBe(expected[i].GetProperty("nll_all").GetDouble(), 1e-3, $"chunk {i}");
        }
    }

    /// <summary>The checkpoints are shipped as blocks and expanded once per machine.</summary>
    private static readonly Lazy<string> Prepared = new(() =>
    {
        var folder = Path.Combine(Path.GetTempPath(), "dray-test-smollm2-135m");
        var script = SharedFolder.Require("models", "smollm2-135m", "prepare.py");
        if (File.Exists(Path.Combine(folder, "complete"))) return folder;
        var start = new ProcessStartInfo("/usr/bin/python3", [script, folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"{output.Result}{error} (the checkpoint needs Debian's python3-numpy)");
        File.WriteAllText(Path.Combine(folder, "complete"), "");
        return folder;
    });
}
