using System.Globalization;
using Dray.Quantization.Plotting;
using ScottPlot;

namespace Dray.Cli.Labelling.Agreement;

/// <summary>A confusion matrix as a plot: gold labels down, given ones across, each cell the darker the larger its share of the gold label's rows.</summary>
internal static class ConfusionPlot
{
    /// <summary>The most labels that can be read in a plot.</summary>
    public const int MostLabels = 30;

    private const int MostCharacters = 16;
    private const int CellPixels = 64;
    private const int MarginPixels = 260;

    /// <summary>The bytes of a PNG file.</summary>
    public static byte[] Draw(AgreementCounts counts)
    {
        var labels = counts.Labels;
        var shares = new double[labels.Count, labels.Count];
        var plot = PlotFont.NewPlot();
        for (var row = 0; row < labels.Count; row++)
        {
            var gold = Math.Max(counts.For(labels[row]).Gold, 1);
            for (var column = 0; column < labels.Count; column++)
            {
                var count = counts.Of(labels[row], labels[column]);
                shares[row, column] = (double)count / gold;
                if (count == 0) continue;
                var text = plot.Add.Text(count.ToString(CultureInfo.InvariantCulture), column, labels.Count - 1 - row);
                text.Alignment = Alignment.MiddleCenter;
                text.LabelFontColor = shares[row, column] > 0.5 ? Colors.White : Colors.Black;
            }
        }

        var cells = plot.Add.Heatmap(shares);
        cells.Colormap = new ScottPlot.Colormaps.Blues().Reversed();
        cells.ManualRange = new ScottPlot.Range(0, 1);
        plot.MoveToBack(cells);
        var places = labels.Select((_, i) => (double)i).ToArray();
        plot.Axes.Bottom.SetTicks(places, [.. labels.Select(Short)]);
        plot.Axes.Bottom.TickLabelStyle.Rotation = -45;
        plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.MiddleRight;
        plot.Axes.Bottom.MinimumSize = 110;
        plot.Axes.Left.SetTicks(places, [.. labels.Reverse().Select(Short)]);
        plot.XLabel("given");
        plot.YLabel("gold");
        plot.Title(string.Create(CultureInfo.InvariantCulture, $"{counts.Agreed} of {counts.Compared} rows agree"));
        plot.HideGrid();
        var size = MarginPixels + (CellPixels * labels.Count);
        return plot.GetImageBytes(size, size, ImageFormat.Png);
    }

    private static string Short(string label) => label.Length <= MostCharacters ? label : label[..MostCharacters] + "...";
}
