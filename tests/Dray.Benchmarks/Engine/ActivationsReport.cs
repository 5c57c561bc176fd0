using System.Globalization;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Benchmarks.Engine;

/// <summary>What a way of computing does to a model's answers: perplexity of either, and the divergence of the second from the first.</summary>
internal static class ActivationsReport
{
    public static void Run(string model, string text, int chunks, CpuBackendOptions exact, CpuBackendOptions other)
    {
        using var exactBackend = new CpuBackend(exact);
        using var otherBackend = new CpuBackend(other);
        using var reference = LanguageModel.Load(model, exactBackend);
        using var compared = LanguageModel.Load(model, otherBackend);
        var ids = compared.Tokenizer.Encode(File.ReadAllText(text));
        var before = new PerplexityEvaluator(reference).Evaluate(ids, chunks: chunks).SecondHalfPerplexity;
        var after = new PerplexityEvaluator(compared).Evaluate(ids, chunks: chunks).SecondHalfPerplexity;
        var report = new KldEvaluator(reference, compared).Evaluate(ids, chunks: chunks);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{chunks} chunks: perplexity {before:F4} and {after:F4} ({100 * ((after / before) - 1):+0.000;-0.000} %), KL divergence mean {report.Full.Mean:E3}, " +
            $"median {report.Full.Median:E3}, p95 {report.Full.P95:E3}, p99 {report.Full.P99:E3}; same top {report.SameTopPercent:F2} %, delta p {report.DeltaPercentRms:F3} % RMS"));
    }
}
