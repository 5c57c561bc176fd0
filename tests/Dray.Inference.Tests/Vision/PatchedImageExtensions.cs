using Dray.Inference.Vision;

namespace Dray.Inference.Tests.Vision;

/// <summary>Puts patches back into the shapes that reference values have.</summary>
internal static class PatchedImageExtensions
{
    /// <summary>[3, height, width].</summary>
    public static float[] ToPlanes(this PatchedImage image)
    {
        var geometry = image.Geometry;
        var pixels = image.Pixels.Span;
        var size = geometry.Width / geometry.PatchColumns;
        var planes = new float[pixels.Length];
        for (var channel = 0; channel < 3; channel++)
        {
            for (var y = 0; y < geometry.Height; y++)
            {
                for (var x = 0; x < geometry.Width; x++)
                {
                    var patch = (y / size * geometry.PatchColumns) + (x / size);
                    planes[(((channel * geometry.Height) + y) * geometry.Width) + x] =
                        pixels[(patch * 3 * size * size) + (channel * size * size) + (y % size * size) + (x % size)];
                }
            }
        }

        return planes;
    }

    /// <summary>[3, token rows, token columns]: the mean over each token's square.</summary>
    public static float[] ToPooled(this PatchedImage image)
    {
        var (geometry, planes) = (image.Geometry, image.ToPlanes());
        var cell = geometry.Width / geometry.TokenColumns;
        var pooled = new double[3 * geometry.TokenRows * geometry.TokenColumns];
        for (var i = 0; i < planes.Length; i++)
        {
            var (row, x) = Math.DivRem(i, geometry.Width);
            pooled[(row / cell * geometry.TokenColumns) + (x / cell)] += planes[i];
        }

        return [.. pooled.Select(sum => (float)(sum / (cell * cell)))];
    }

    /// <summary>The largest absolute difference.</summary>
    public static double WorstAgainst(this float[] actual, float[] expected)
    {
        actual.Length.ShouldBe(expected.Length);
        return actual.Zip(expected, (a, b) => Math.Abs((double)a - b)).Max();
    }
}
