using Dray.Quantization.Export;
using SkiaSharp;

namespace Dray.Quantization.Tests.Export;

public sealed class LossPlotTests
{
    [Fact]
    public void Draw_TunedBlocks_IsAPictureWithCurvesAndLabels()
    {
        var blocks = Enumerable.Range(0, 30)
            .Select(block => new BlockReport(block, [.. Enumerable.Range(0, 100).Select(i => 1e-4 * (block + 1) / (1 + (i / 30.0)))], 99, 1, null)).ToList();

        using var picture = SKBitmap.Decode(LossPlot.Draw(blocks));

        (picture.Width, picture.Height).ShouldBe((1000, 600));

        // The title is above the frame and the curves are coloured; a font that isn't found would leave the margin white.
        Pixels(picture, 200, 0, 800, 25).Count(color => color.Red < 128).ShouldBeGreaterThan(100);
        Pixels(picture, 200, 100, 800, 500).Count(color => color.Red != color.Green).ShouldBeGreaterThan(1000);
    }

    [Fact]
    public void Draw_NothingTuned_IsNothing() => LossPlot.Draw([new BlockReport(0, [], 0, 1, null)]).ShouldBeNull();

    [Fact]
    public void Draw_LossOfNothing_LeavesTheOthers() => LossPlot.Draw([new BlockReport(0, [0, 0], 0, 1, null), new BlockReport(1, [2, 1], 1, 1, null)]).ShouldNotBeNull();

    private static IEnumerable<SKColor> Pixels(SKBitmap picture, int left, int top, int right, int bottom)
    {
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++) yield return picture.GetPixel(x, y);
        }
    }
}
