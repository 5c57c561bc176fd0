using System.Globalization;
using Dray.Quantization;

namespace Dray.Cli.Terminal;

/// <summary>What became of a checkpoint, as text.</summary>
internal static class QuantizeReport
{
    public static string Describe(QuantizationReport report, string folder)
    {
        var kept = report.Layers.Where(layer => layer.GroupSize is null).Sum(layer => layer.Count);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}: {report.Layers.Sum(layer => layer.Count) - kept} layers quantized, {report.BytesBefore / 1e6:F1} MB became {report.BytesAfter / 1e6:F1} MB, in {report.Seconds:F1} s");
        return kept == 0 ? text : text + string.Create(CultureInfo.InvariantCulture, $"; {kept} layers stay as they are");
    }
}
