using System.Text.Json.Nodes;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>A divergence as text or JSON.</summary>
internal static class KldText
{
    public static JsonObject ToJson(KldReport report)
    {
        var json = Of(report.Full);
        json["top20"] = Of(report.Api);
        json["top20_raw"] = Of(report.Raw);
        json["top20_renorm"] = Of(report.Renormalised);
        return json;

        JsonObject Of(KldSummary summary) => new()
        {
            ["mean"] = summary.Mean,
            ["median"] = summary.Median,
            ["p90"] = summary.P90,
            ["p95"] = summary.P95,
            ["p99"] = summary.P99,
            ["p999"] = summary.P999,
            ["max"] = summary.Greatest,
            ["delta_p_rms"] = report.DeltaPercentRms,
            ["same_top_p"] = report.SameTopPercent,
            ["positions"] = report.Positions.Count,
        };
    }

    public static string Describe(KldReport report)
    {
        return FormattableString.Invariant(
            $"{Line("KL divergence", report.Full)} ({report.Positions.Count} positions, second half of chunks of {report.Context})\n{Line("of the base's top 20, as logprobs show it", report.Api)}\nsame most probable token {report.SameTopPercent:F2} %, change in the next token's probability {report.DeltaPercentRms:F3} % RMS");

        static string Line(string name, KldSummary summary) => FormattableString.Invariant(
            $"{name}: mean {summary.Mean:F6}, median {summary.Median:F6}, p95 {summary.P95:F6}, p99 {summary.P99:F6}");
    }
}
