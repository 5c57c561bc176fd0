using System.Globalization;
using System.Text.Json;
using Dray.Worker.Embedded;
using Spectre.Console;

namespace Dray.Cli.Terminal;

/// <summary>What a run says at its end: the answers as a table on a terminal, and a summary.</summary>
internal static class RunReport
{
    private const int MostRows = 40;

    public static async Task WriteAsync(EmbeddedBatchSummary summary, TextWriter output)
    {
        if (ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected) AnsiConsole.Write(await TableAsync(summary));
        var (counts, usage) = (summary.Counts, summary.Usage);
        var resumed = summary.RowsResumed > 0 ? $", {summary.RowsResumed} of them in an earlier run" : "";
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{counts.Completed} of {counts.Total} rows done, {counts.Failed} failed{resumed}; {usage.InputTokens} prompt and {usage.OutputTokens} " +
            $"completion tokens in {summary.Elapsed.TotalSeconds:F1} s ({summary.CompletionTokensPerSecond:F0} tokens/s)"));
        await output.WriteLineAsync(summary.OutputFile);
        if (counts.Failed > 0) await output.WriteLineAsync(summary.ErrorsFile);
    }

    private static async Task<Table> TableAsync(EmbeddedBatchSummary summary)
    {
        var table = new Table().RoundedBorder().AddColumn("row").AddColumn("answer");
        foreach (var (file, style) in new[] { (summary.OutputFile, "default"), (summary.ErrorsFile, "red") })
        {
            await foreach (var line in File.ReadLinesAsync(file))
            {
                if (table.Rows.Count == MostRows) return table.Caption($"the first {MostRows} rows; all are in the files below");
                using var row = JsonDocument.Parse(line);
                var name = Markup.Escape(row.RootElement.GetProperty("custom_id").GetString()!);
                table.AddRow(name, $"[{style}]{Markup.Escape(Describe(row.RootElement))}[/]");
            }
        }

        return table;
    }

    private static string Describe(JsonElement row)
    {
        var response = row.GetProperty("response");
        if (response.ValueKind != JsonValueKind.Object) return row.GetProperty("error").GetProperty("message").GetString()!;
        var body = response.GetProperty("body");
        if (body.TryGetProperty("error", out var error)) return $"{error.GetProperty("code").GetString()}: {error.GetProperty("message").GetString()}";
        var message = body.GetProperty("choices")[0].GetProperty("message");
        var parts = new List<string>();
        if (message.GetProperty("content") is { ValueKind: JsonValueKind.String } content) parts.Add(content.GetString()!);
        if (message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array)
        {
            parts.AddRange(calls.EnumerateArray().Select(call => call.GetProperty("function"))
                .Select(call => $"{call.GetProperty("name").GetString()}({call.GetProperty("arguments").GetString()})"));
        }

        return string.Join('\n', parts);
    }
}
