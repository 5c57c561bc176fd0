using System.Globalization;
using System.Text;

namespace Dray.Quantization.Export;

/// <summary>The files that describe a checkpoint to people: README.md, the plot of losses, and the same numbers as JSON.</summary>
internal static class ModelCard
{
    /// <summary>The name of the file with the numbers.</summary>
    public const string ReportFile = "quantization-report.json";

    private const string CardFile = "README.md";

    /// <summary>Writes the files.</summary>
    public static void Write(string folder, QuantizationReport report, QuantizationPlan plan)
    {
        File.WriteAllText(Path.Combine(folder, ReportFile), report.ToJson() + "\n");
        File.WriteAllText(Path.Combine(folder, CardFile), Text(report, plan));
    }

    private static string Text(QuantizationReport report, QuantizationPlan plan)
    {
        var card = new StringBuilder();
        var scheme = plan.Scheme;
        card.Append(CultureInfo.InvariantCulture, $"# {report.Source}, quantized to {scheme.Bits} bits\n\n");
        card.Append(CultureInfo.InvariantCulture, $"Weights of {report.Source} in {scheme.Bits} bits, made by `dray quantize` {report.Dray}.\n");
        return card.ToString();
    }
}
