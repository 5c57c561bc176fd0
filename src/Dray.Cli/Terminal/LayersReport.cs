using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>A benchmark of layers as JSON and as a table.</summary>
internal sealed record LayersReport(BenchmarkMachine Machine, LayersOptions Options, LayersResult Result)
{
    /// <summary>Rates in tokens per second; shares from 0 to 1.</summary>
    public JsonObject ToJson()
    {
        var json = Machine.ToJson(Result.Limits);
        json["shape"] = Options.Shape;
        json["layers"] = Options.Layers;
        json["pp"] = Options.PromptTokens;
        json["tg"] = Options.DecodeTokens;
        json["pp_tok_s"] = Round(Result.Prompt);
        json["tg_tok_s"] = Round(Result.Decode);
        json["parallel"] = new JsonObject(Result.Parallel.Select(
            level => KeyValuePair.Create<string, JsonNode?>(level.Sequences.ToString(CultureInfo.InvariantCulture), Round(level.Rate))));
        if (Result.Prefill is { } prefill)
        {
            json[string.Create(CultureInfo.InvariantCulture, $"prefill_{Options.PrefillTokens}_tok_s")] = Round(prefill);
            json["prefill_share_of_peak"] = Round(Result.ShareOfPeak(prefill));
        }

        json["pp_share_of_peak"] = Round(Result.ShareOfPeak(Result.Prompt));
        json["tg_share_of_reads"] = Round(Result.DecodeShareOfReads);
        json["weight_bytes_per_token"] = Result.WeightBytesPerToken;
        json["flops_per_token"] = Result.OperationsPerToken;
        return json;
    }

    /// <summary>One row for each figure.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"{Options.Layers} layer{(Options.Layers == 1 ? "" : "s")} of {Options.Shape}, random 4-bit weights: {Result.WeightBytesPerToken / 1e6:F0} MB read and {Result.OperationsPerToken / 1e9:F2} GFLOP for each token decoded\n");
        text.Append(Machine.Describe(Result.Limits));
        text.Append("\n\n| figure | tok/s | of the limit |\n| --- | ---: | ---: |");
        Row(text, $"prompt of {Options.PromptTokens} (pp{Options.PromptTokens})", Result.Prompt, $"{Percent(Result.ShareOfPeak(Result.Prompt))} of the peak");
        if (Result.Prefill is { } prefill)
            Row(text, $"prompts of {Options.PromptTokens}, {Options.PrefillTokens} tokens together", prefill, $"{Percent(Result.ShareOfPeak(prefill))} of the peak");
        Row(text, $"one sequence (tg{Options.DecodeTokens})", Result.Decode, $"{Percent(Result.DecodeShareOfReads)} of reads");
        foreach (var (sequences, rate) in Result.Parallel)
            Row(text, $"{sequences} sequence{(sequences == 1 ? "" : "s")} decoding together", rate, "");
        return text.ToString();
    }

    private static void Row(StringBuilder text, string figure, double rate, string share) =>
        text.Append(CultureInfo.InvariantCulture, $"\n| {figure} | {rate:F1} | {share} |");

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0} %");

    private static double Round(double value) => Math.Round(value, 4);
}
