using System.Globalization;
using System.Text.Json.Nodes;
using Dray.Cli.Labelling;
using Dray.Cli.Labelling.Tables;
using Spectre.Console;

namespace Dray.Cli.Terminal;

/// <summary>A preview as a table with an estimate of the whole, and as JSON.</summary>
internal static class LabelPreviewReport
{
    private const int MostColumns = 3;
    private const int MostCharacters = 80;

    public static async Task WriteAsync(LabelPreviewResult result, LabelJob job, double? cost, TextWriter output)
    {
        int[] shown = [.. job.Prompt.Columns.Take(MostColumns)];
        var table = new Table().RoundedBorder().AddColumn("row");
        foreach (var column in shown) table.AddColumn(Cell(job.Table.Columns[column].Name));
        foreach (var column in job.Added) table.AddColumn(Cell(column.Name));
        foreach (var row in result.Sample)
        {
            table.AddRow(
            [
                row.Number.ToString(CultureInfo.InvariantCulture),
                .. shown.Select(column => Cell(TableValue.Text(row.Values[column]))),
                .. job.ValuesOf(row.Label).Select(value => Cell(value is double number ? number.ToString("F3", CultureInfo.InvariantCulture) : TableValue.Text(value))),
            ]);
        }

        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(table);
        if (result.Sample.Count == 0) return;
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"All {result.Rows} rows, if they are like these {result.Sample.Count}: about {result.PromptTokens} prompt and {result.CompletionTokens} completion " +
            $"tokens, {Time(result.Time)} on this machine{(cost is { } price ? $", cost {price:F2}" : "")}"));
    }

    public static JsonObject ToJson(LabelPreviewResult result, LabelJob job, double? cost) => new()
    {
        ["rows"] = result.Rows,
        ["sample"] = new JsonArray([.. result.Sample.Select(row =>
        {
            var labels = new JsonObject { ["row"] = row.Number };
            foreach (var (column, value) in job.Added.Zip(job.ValuesOf(row.Label)))
                labels[column.Name] = System.Text.Json.JsonSerializer.SerializeToNode(value, Quantization.Calibration.Records.RecordJson.Options);
            return labels;
        })]),
        ["failed"] = result.Sample.Count(row => row.Label.Error is not null),
        ["prompt_tokens"] = result.PromptTokens,
        ["completion_tokens"] = result.CompletionTokens,
        ["estimate_s"] = Math.Round(result.Time.TotalSeconds, 1),
        ["cost"] = cost is { } price ? Math.Round(price, 4) : null,
    };

    private static string Time(TimeSpan time) => time.TotalMinutes >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time:mm\\:ss} (h:mm:ss)")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s");

    private static string Cell(string text)
    {
        text = text.ReplaceLineEndings(" ");
        return Markup.Escape(text.Length <= MostCharacters ? text : text[..MostCharacters] + "...");
    }
}
