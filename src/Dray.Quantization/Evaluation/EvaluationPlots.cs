using System.Globalization;
using Dray.Quantization.Plotting;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Dray.Quantization.Evaluation;

/// <summary>The plots of an evaluation's report, as the bytes of PNG files.</summary>
public static class EvaluationPlots
{
    private const int Width = 1000;
    private const int Height = 500;

    /// <summary>Divergences below it, of which some are zero or rounding's, are counted as it.</summary>
    private const double Least = 1e-6;

    private const int BinsPerDecade = 8;

    /// <summary>How many positions have which divergence, over a logarithmic scale, with the mean and the 99th percentile.</summary>
    public static byte[] Histogram(KldReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var places = report.Positions.Select(position => Math.Log10(Math.Max(position.Full, Least))).ToArray();
        var first = Math.Floor(places.Min() * BinsPerDecade);
        var counts = new double[(int)(Math.Floor(places.Max() * BinsPerDecade) - first) + 1];
        foreach (var place in places) counts[(int)(Math.Floor(place * BinsPerDecade) - first)]++;

        var plot = PlotFont.NewPlot();
        Bar[] bins = [.. counts.Select((count, i) => new Bar { Position = (first + i + 0.5) / BinsPerDecade, Value = count, Size = 1.0 / BinsPerDecade })];
        plot.Add.Bars(bins).Color = Colors.SteelBlue;
        AddLine("mean", report.Full.Mean, Colors.DarkOrange);
        AddLine("99th percentile", report.Full.P99, Colors.Red);
        plot.Title("KL divergence at each position");
        plot.XLabel("nats");
        plot.YLabel("positions");
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic
        {
            IntegerTicksOnly = true,
            LabelFormatter = exponent => Math.Pow(10, exponent).ToString("0e+0", CultureInfo.InvariantCulture),
        };
        plot.Axes.SetLimitsY(0, counts.Max() * 1.05);
        plot.ShowLegend(Alignment.UpperLeft);
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);

        void AddLine(string name, double value, Color color)
        {
            var line = plot.Add.VerticalLine(Math.Log10(Math.Max(value, Least)), color: color);
            line.LegendText = string.Create(CultureInfo.InvariantCulture, $"{name} {value:G4}");
        }
    }

    /// <summary>The mean divergence of each step of the base's answers, a curve for each prompt length.</summary>
    public static byte[] Steps(GenerationKldReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var plot = PlotFont.NewPlot();
        foreach (var length in report.Lengths)
        {
            var curve = plot.Add.Signal(length.Steps.ToArray());
            curve.LegendText = string.Create(CultureInfo.InvariantCulture, $"after {length.PromptLength} tokens");
        }

        plot.Axes.SetLimitsY(0, report.Lengths.Max(length => length.Steps.Max()) * 1.05);
        plot.Title("KL divergence along the base's greedy answers");
        plot.XLabel("step");
        plot.YLabel("nats, mean of the prompts");
        plot.ShowLegend(Alignment.UpperRight);
        return plot.GetImageBytes(Width, Height, ImageFormat.Png);
    }
}
