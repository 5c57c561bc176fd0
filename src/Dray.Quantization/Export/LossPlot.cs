using System.Globalization;
using Dray.Quantization.Plotting;
using ScottPlot;
using ScottPlot.Colormaps;
using ScottPlot.TickGenerators;

namespace Dray.Quantization.Export;

/// <summary>The curves of all blocks' losses over the iterations, on a logarithmic scale, as PNG.</summary>
internal static class LossPlot
{
    private const int Width = 1000;
    private const int Height = 600;
    private const int MostLegends = 10;

    /// <summary>Draws the blocks that were tuned.</summary>
    /// <returns>The bytes of the file, or null where no block was tuned.</returns>
    public static byte[]? Draw(IReadOnlyList<BlockReport> blocks)
    {
        BlockReport[] tuned = [.. blocks.Where(block => block.Losses.Count > 1)];
        if (tuned.Length == 0) return null;
        var plot = PlotFont.NewPlot();
        var colors = new Viridis();
        var interval = (tuned.Length + MostLegends - 1) / MostLegends;
        for (var i = 0; i < tuned.Length; i++)
        {
            var curve = plot.Add.Signal(tuned[i].Losses.Select(Logarithm).ToArray());
            curve.Color = colors.GetColor(tuned.Length == 1 ? 0 : 0.9 * i / (tuned.Length - 1));
            if (i % interval == 0) curve.LegendText = string.Create(CultureInfo.InvariantCulture, $"block {tuned[i].Block}");
        }

        plot.Title("Loss of each block over the iterations of its tuning");
        plot.XLabel("iteration");
        plot.YLabel("mean squared error per token");
        plot.Axes.Left.TickGenerator = new NumericAutomatic
        {
            LabelFormatter = exponent => Math.Pow(10, exponent).ToString("0.0e+0", CultureInfo.InvariantCulture),
        };
        plot.ShowLegend(Edge.Right);
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);
    }

    // A loss of 0, which a block of zeros has, isn't on the scale.
    private static double Logarithm(double loss) => loss > 0 ? Math.Log10(loss) : double.NaN;
}
