using System.Globalization;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Models;
using Dray.Quantization.Evaluation;

namespace Dray.Quantization.Tests.Evaluation;

/// <summary>What a narrow KV cache costs a real language model.</summary>
public sealed class KvCachePerplexityTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("base", 4)]
    // Answers of the quantised one are less certain, so that its perplexity settles later.
    [InlineData("w4a16-rtn", 32)]
    public void Evaluate_SmolLm2InFp8_IsWithinHalfAPercentOfBf16(string checkpoint, int chunks)
    {
        var bf16 = Evaluate(checkpoint, chunks, KvCacheDataType.BFloat16);
        var fp8 = Evaluate(checkpoint, chunks, KvCacheDataType.Fp8E4M3);

        fp8.SecondHalfPerplexity.ShouldNotBe(bf16.SecondHalfPerplexity);
        (fp8.SecondHalfPerplexity / bf16.SecondHalfPerplexity).ShouldBe(1, 0.005);
        (fp8.AllPerplexity / bf16.AllPerplexity).ShouldBe(1, 0.005);
    }

    private PerplexityReport Evaluate(string checkpoint, int chunks, KvCacheDataType dtype)
    {
        using var backend = CpuPaths.Float32();
        using var model = LanguageModel.Load(SmolLm2.Folder(checkpoint), backend, dtype);
        var report = new PerplexityEvaluator(model).Evaluate(SmolLm2.Text(model), chunks: chunks);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{checkpoint}, {KvCacheDataTypes.NameOf(dtype)}: {report.SecondHalfPerplexity:F4} (second halves), {report.AllPerplexity:F4} (all positions)"));
        return report;
    }
}
