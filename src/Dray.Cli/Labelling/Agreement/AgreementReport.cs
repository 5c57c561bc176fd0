using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Dray.Cli.Labelling.Agreement;

/// <summary>An agreement as JSON, Markdown and a plot, in files beside the output.</summary>
internal static class AgreementReport
{
    /// <summary>More columns than that make no table.</summary>
    private const int MostColumns = 30;

    /// <summary>Writes <c>OUTPUT.agreement.json</c>, <c>.md</c> and, where labels are categories, <c>.png</c>.</summary>
    public static void Write(AgreementCounts counts, string output, string gold)
    {
        File.WriteAllText($"{output}.agreement.json", ToJson(counts).ToJsonString(new() { WriteIndented = true }) + "\n");
        var hasPlot = counts.Labels.Count is > 0 and <= ConfusionPlot.MostLabels;
        var plot = $"{output}.agreement.png";
        if (hasPlot) File.WriteAllBytes(plot, ConfusionPlot.Draw(counts));
        else File.Delete(plot);
        File.WriteAllText($"{output}.agreement.md", ToMarkdown(counts, Path.GetFileName(output), gold, hasPlot ? Path.GetFileName(plot) : null));
    }

    /// <summary>The numbers for programs.</summary>
    public static JsonObject ToJson(AgreementCounts counts)
    {
        var confusion = new JsonObject();
        foreach (var gold in counts.Labels)
        {
            var row = new JsonObject();
            foreach (var label in counts.Labels.Where(label => counts.Of(gold, label) > 0)) row[label] = counts.Of(gold, label);
            if (row.Count > 0) confusion[gold] = row;
        }

        return new JsonObject
        {
            ["compared"] = counts.Compared,
            ["agreed"] = counts.Agreed,
            ["failed"] = counts.Failed,
            ["without_gold"] = counts.WithoutGold,
            ["accuracy"] = Number(counts.Accuracy),
            ["kappa"] = Number(counts.Kappa),
            ["labels"] = new JsonArray([.. counts.Labels.Select(counts.For).Select(one => new JsonObject
            {
                ["label"] = one.Label,
                ["gold"] = one.Gold,
                ["given"] = one.Given,
                ["precision"] = Number(one.Precision),
                ["recall"] = Number(one.Recall),
                ["f1"] = Number(one.F1),
            })]),
            ["confusion"] = confusion,
        };
    }

    /// <summary>The report for people.</summary>
    public static string ToMarkdown(AgreementCounts counts, string output, string gold, string? plot)
    {
        var text = new StringBuilder();
        Line(text, $"# Agreement of {Cell(output)} with the column {Cell(gold)}\n");
        Line(text, $"{Describe(counts)}\n");
        if (counts.Labels.Count == 0) return text.ToString();
        Line(text, $"| label | gold | given | precision | recall | F1 |\n| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var one in counts.Labels.Select(counts.For))
            Line(text, $"| {Cell(one.Label)} | {one.Gold} | {one.Given} | {Share(one.Precision)} | {Share(one.Recall)} | {Share(one.F1)} |");
        if (counts.Labels.Count <= MostColumns)
        {
            Line(text, $"\nGold labels down, given ones across:\n\n| | {string.Join(" | ", counts.Labels.Select(Cell))} |\n| --- |{string.Concat(counts.Labels.Select(_ => " ---: |"))}");
            foreach (var row in counts.Labels) Line(text, $"| {Cell(row)} | {string.Join(" | ", counts.Labels.Select(label => counts.Of(row, label)))} |");
        }

        if (plot is not null) Line(text, $"\n![How often which gold label got which label]({Uri.EscapeDataString(plot)})");
        return text.ToString();
    }

    /// <summary>The agreement in one sentence.</summary>
    public static string Describe(AgreementCounts counts)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{counts.Agreed} of {counts.Compared} rows agree with the gold column");
        if (counts.Compared > 0) text += string.Create(CultureInfo.InvariantCulture, $": accuracy {100 * counts.Accuracy:F1} %, Cohen's kappa {Share(counts.Kappa)}");
        if (counts.Failed > 0) text += string.Create(CultureInfo.InvariantCulture, $"; {counts.Failed} failed and count as neither");
        if (counts.WithoutGold > 0) text += string.Create(CultureInfo.InvariantCulture, $"; {counts.WithoutGold} have no gold label");
        if (!counts.HasCategories) text += $"; more than {AgreementCounts.MostLabels} different labels are no categories, so there is no table of them";
        return text;
    }

    private static string Share(double value) => double.IsNaN(value) ? "-" : value.ToString("F3", CultureInfo.InvariantCulture);

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(Math.Round(value, 6)) : null;

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
