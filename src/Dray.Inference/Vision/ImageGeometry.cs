namespace Dray.Inference.Vision;

/// <summary>How a picture of some size is laid out in image tokens.</summary>
/// <param name="TokenColumns">Image tokens per row.</param>
/// <param name="TokenRows">Rows of image tokens.</param>
/// <param name="PatchColumns">Patches per row.</param>
/// <param name="PatchRows">Rows of patches.</param>
/// <param name="Width">Width the picture is stretched to, in pixels.</param>
/// <param name="Height">Height the picture is stretched to, in pixels.</param>
public readonly record struct ImageGeometry(
    int TokenColumns, int TokenRows, int PatchColumns, int PatchRows, int Width, int Height)
{
    /// <summary>Lays a picture out as mistral_common does: scaled down until its longer side fits, then stretched to whole cells.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="spec">The tokenizer's image section.</param>
    public static ImageGeometry Of(int width, int height, ImageSpec spec)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);

        var ratio = Math.Max((double)width / spec.MaxSize, (double)height / spec.MaxSize);
        var columns = Cells(width, ratio, spec.CellSize);
        var rows = Cells(height, ratio, spec.CellSize);
        return new ImageGeometry(
            columns, rows, columns * spec.MergeSize, rows * spec.MergeSize, columns * spec.CellSize, rows * spec.CellSize);
    }

    private static int Cells(int side, double ratio, int cell)
    {
        var scaled = ratio > 1 ? Math.Max(1, (int)Math.Round(side / ratio, MidpointRounding.ToEven)) : side;
        return ((scaled - 1) / cell) + 1;
    }
}
