using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>A benchmark of matrix products as JSON and as a table.</summary>
internal sealed record KernelsReport(BenchmarkMachine Machine, KernelsOptions Options, KernelsResult Result)
{
    /// <summary>An object for each matrix and number of rows; shares from 0 to 1, more than 1 of reads where a cache holds the weights.</summary>
    public JsonObject ToJson()
    {
        var json = Machine.ToJson(Result.Limits);
        json["shape"] = Options.Shape;
        json["results"] = new JsonArray([.. Result.Timings.Select(ToJson)]);
        return json;
    }

    /// <summary>One row for each matrix and number of rows.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Matrix products of {Options.Shape}, random 4-bit weights in groups of {BenchmarkShapes.GroupSize}, lm_head in bf16\n");
        text.Append(Machine.Describe(Result.Limits));
        text.Append("\n\n| matrix (N x K) | copies | M | tok/s | GFLOP/s | of peak | weights, GB/s | of reads |\n");
        text.Append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var timing in Result.Timings)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n| {timing.Matrix} ({timing.Outputs} x {timing.Inputs}) | {timing.Copies} | {timing.Rows} | {timing.TokensPerSecond:F1} | {timing.Gigaflops:F1} " +
                $"| {100 * timing.Gigaflops / Result.Limits.PeakRate:F0} % | {timing.WeightBandwidth:F1} | {100 * timing.WeightBandwidth / Result.Limits.ReadBandwidth:F0} % |");
        }

        return text.ToString();
    }

    private JsonObject ToJson(KernelTiming timing) => new()
    {
        ["matrix"] = timing.Matrix,
        ["n"] = timing.Outputs,
        ["k"] = timing.Inputs,
        ["layers"] = timing.Copies,
        ["m"] = timing.Rows,
        ["tok_s"] = Round(timing.TokensPerSecond),
        ["gflops"] = Round(timing.Gigaflops),
        ["weight_gb_s"] = Round(timing.WeightBandwidth),
        ["share_of_peak"] = Round(timing.Gigaflops / Result.Limits.PeakRate),
        ["share_of_reads"] = Round(timing.WeightBandwidth / Result.Limits.ReadBandwidth),
    };

    private static double Round(double value) => Math.Round(value, 4);
}
