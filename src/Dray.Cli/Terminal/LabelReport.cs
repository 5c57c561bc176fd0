using System.Globalization;
using System.Text.Json.Nodes;
using Dray.Cli.Labelling;
using Dray.Cli.Labelling.Agreement;

namespace Dray.Cli.Terminal;

/// <summary>How labelling ended, in words and as JSON.</summary>
internal static class LabelReport
{
    public static async Task WriteAsync(LabelSummary summary, TextWriter output)
    {
        var (usage, progress) = (summary.Usage, summary.Progress);
        var resumed = progress.Resumed > 0 ? string.Create(CultureInfo.InvariantCulture, $", {progress.Resumed} of them in an earlier run") : "";
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Rows - summary.Failed} of {summary.Rows} rows labelled, {summary.Failed} failed{resumed}; {usage.PromptTokens} prompt and " +
            $"{usage.CompletionTokens} completion tokens in {progress.Elapsed.TotalSeconds:F1} s ({TokensPerSecond(summary):F0} tokens/s)"));
        if (summary.Failed > 0)
            await output.WriteLineAsync("failed: " + string.Join(", ", summary.Codes.Select(code => string.Create(CultureInfo.InvariantCulture, $"{code.Value} {code.Key}"))));
        if (summary.Agreement is { } agreement)
        {
            await output.WriteLineAsync(AgreementReport.Describe(agreement));
            await output.WriteLineAsync($"{summary.Output}.agreement.md");
        }

        await output.WriteLineAsync(summary.Output);
    }

    public static JsonObject ToJson(LabelSummary summary)
    {
        var codes = new JsonObject();
        foreach (var (code, count) in summary.Codes) codes[code] = count;
        return new JsonObject
        {
            ["output"] = summary.Output,
            ["columns"] = new JsonArray([.. summary.Added.Select(column => JsonValue.Create(column.Name))]),
            ["rows"] = summary.Rows,
            ["labelled"] = summary.Rows - summary.Failed,
            ["failed"] = summary.Failed,
            ["codes"] = codes,
            ["rows_resumed"] = summary.Progress.Resumed,
            ["usage"] = new JsonObject { ["input_tokens"] = summary.Usage.PromptTokens, ["output_tokens"] = summary.Usage.CompletionTokens },
            ["elapsed_s"] = Math.Round(summary.Progress.Elapsed.TotalSeconds, 3),
            ["completion_tok_s"] = Math.Round(TokensPerSecond(summary), 2),
            ["agreement"] = summary.Agreement is { } agreement ? AgreementReport.ToJson(agreement) : null,
        };
    }

    private static double TokensPerSecond(LabelSummary summary) =>
        summary.Progress.Elapsed > TimeSpan.Zero ? summary.Progress.CompletionTokens / summary.Progress.Elapsed.TotalSeconds : 0;
}
