using System.Text.Json.Nodes;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>Perplexity by both methods, as text or JSON.</summary>
internal static class PerplexityText
{
    public static JsonObject ToJson(PerplexityReport report) => new()
    {
        ["perplexity"] = report.SecondHalfPerplexity,
        ["chunks"] = report.Chunks.Count,
        ["tokens"] = report.SecondHalfTokens,
        ["method"] = "llama_cpp",
        ["all_positions"] = new JsonObject
        {
            ["perplexity"] = report.AllPerplexity,
            ["chunks"] = report.Chunks.Count,
            ["tokens"] = report.AllTokens,
            ["method"] = "all_positions",
        },
    };

    public static string Describe(PerplexityReport report) => FormattableString.Invariant(
        $"perplexity {report.SecondHalfPerplexity:F4} (llama.cpp's method: second half of {report.Chunks.Count} chunks of {report.Context}, {report.SecondHalfTokens} tokens)\nperplexity {report.AllPerplexity:F4} (all positions, {report.AllTokens} tokens)");
}
