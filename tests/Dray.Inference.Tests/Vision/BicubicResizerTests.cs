using CsCheck;
using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Vision;

public sealed class BicubicResizerTests
{
    private static readonly Gen<(RgbImage Source, int Width, int Height)> Cases =
        from width in Gen.Int[1, 70]
        from height in Gen.Int[1, 40]
        from pixels in Gen.Byte.Array[width * height * 3]
        from toWidth in Gen.Int[1, 90]
        from toHeight in Gen.Int[1, 60]
        select (new RgbImage(width, height, pixels), toWidth, toHeight);

    [Fact]
    public void Row_RaggedShapes_MeetsTheDefinition() => Cases.Sample(
        picture =>
        {
            var (source, width, height) = picture;
            var resizer = new BicubicResizer(source, width, height);
            var row = new float[resizer.RowLength];
            for (var y = 0; y < height; y++)
            {
                resizer.Row(y, row);
                for (var x = 0; x < width; x++)
                {
                    for (var channel = 0; channel < 3; channel++)
                        ((double)row[(x * 3) + channel]).ShouldBe(Definition(source, width, height, x, y, channel), 2e-3);
                }
            }
        },
        iter: 60);

    [Fact]
    public void Row_SameSize_ReturnsThePixels()
    {
        var source = new RgbImage(19, 3, [.. Enumerable.Range(0, 19 * 9).Select(i => (byte)(i * 37))]);
        var resizer = new BicubicResizer(source, 19, 3);
        var row = new float[resizer.RowLength];
        for (var y = 0; y < 3; y++)
        {
            resizer.Row(y, row);
            row[..57].ShouldBe(source.Pixels.Skip(y * 57).Take(57).Select(value => (float)value));
        }
    }

    [Fact]
    public void Row_EdgeEnlarged_OvershootsUnclamped()
    {
        var source = new RgbImage(4, 1, [0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255]);
        var resizer = new BicubicResizer(source, 40, 1);
        var row = new float[resizer.RowLength];
        resizer.Row(0, row);
        row[..120].Max().ShouldBeGreaterThan(265);
        row[..120].Min().ShouldBeLessThan(-10);
    }

    // Keys' kernel in double, one pixel at a time over the clamped source.
    private static double Definition(RgbImage source, int width, int height, int x, int y, int channel)
    {
        var (left, across) = Position(x, source.Width, width);
        var (top, down) = Position(y, source.Height, height);
        var sum = 0.0;
        for (var j = -1; j <= 2; j++)
        {
            for (var i = -1; i <= 2; i++)
            {
                var column = Math.Clamp(left + i, 0, source.Width - 1);
                var line = Math.Clamp(top + j, 0, source.Height - 1);
                sum += Kernel(i - across) * Kernel(j - down) * source.Pixels[(((line * source.Width) + column) * 3) + channel];
            }
        }

        return sum;
    }

    private static (int Floor, double Offset) Position(int at, int from, int to)
    {
        var position = ((at + 0.5) * from / to) - 0.5;
        return ((int)Math.Floor(position), position - Math.Floor(position));
    }

    private static double Kernel(double distance)
    {
        const double A = -0.75;
        var x = Math.Abs(distance);
        if (x <= 1) return ((A + 2) * x * x * x) - ((A + 3) * x * x) + 1;
        return x < 2 ? A * ((x * x * x) - (5 * x * x) + (8 * x) - 4) : 0;
    }
}
