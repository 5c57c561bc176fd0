using ScottPlot;
using SkiaSharp;

namespace Dray.Quantization.Plotting;

/// <summary>
/// The font of plots' labels, which comes with Dray: the build of Skia that needs no libraries of the system sees no fonts of the system either, and
/// a container may have none.
/// </summary>
internal sealed class PlotFont : IFontResolver
{
    private const string Name = "Dray";
    private const string File = "DejaVuSans-Latin.ttf";

    private static readonly PlotFont Instance = new();

    private readonly SKData _file;

    private PlotFont()
    {
        using var stream = typeof(PlotFont).Assembly.GetManifestResourceStream(File)!;
        _file = SKData.Create(stream);
    }

    /// <summary>An empty plot whose labels can be read everywhere.</summary>
    public static Plot NewPlot()
    {
        // The list is the process's own.
        lock (Instance)
        {
            if (!Fonts.FontResolvers.Contains(Instance)) Fonts.FontResolvers.Insert(0, Instance);
            Fonts.Default = Name;
        }

        var plot = new Plot();
        plot.Font.Set(Name);
        return plot;
    }

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? SKTypeface.FromData(_file) : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? SKTypeface.FromData(_file) : null;
}
