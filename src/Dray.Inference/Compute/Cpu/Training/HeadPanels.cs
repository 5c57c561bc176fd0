namespace Dray.Inference.Compute.Cpu;

/// <summary>Moves a head's rows between a tensor and a thread's scratch memory, where rows are padded to whole tiles.</summary>
internal static unsafe class HeadPanels
{
    private const int LineFloats = NativeBlock.Alignment / sizeof(float);

    /// <summary>Copies <paramref name="rows"/> rows of a head from <paramref name="firstRow"/> to [rows, width], zeros beyond the head.</summary>
    public static void Load(RowView source, int firstRow, int rows, int column, int headDim, float* target, int width)
    {
        for (var i = 0; i < rows; i++, target += width)
        {
            new ReadOnlySpan<float>(source.Row(firstRow + i) + column, headDim).CopyTo(new Span<float>(target, headDim));
            new Span<float>(target + headDim, width - headDim).Clear();
        }
    }

    /// <summary>Copies <paramref name="rows"/> rows of a head, transposed, to [headDim, width], zeros beyond the rows.</summary>
    public static void LoadTransposed(RowView source, int firstRow, int rows, int column, int headDim, float* target, int width)
    {
        new Span<float>(target, headDim * width).Clear();
        for (var first = 0; first < rows; first += LineFloats)
        {
            // A line of the target is written at once: its rows lie so far apart that they would drive each other out of the first cache.
            var count = Math.Min(LineFloats, rows - first);
            var row = source.Row(firstRow + first) + column;
            var line = target + first;
            for (var d = 0; d < headDim; d++, line += width)
            {
                for (var i = 0; i < count; i++) line[i] = row[(i * source.Stride) + d];
            }
        }
    }

    /// <summary>Copies [rows, width] back to a head.</summary>
    public static void Store(float* source, int width, int rows, int headDim, RowView target, int firstRow, int column)
    {
        for (var i = 0; i < rows; i++, source += width)
            new ReadOnlySpan<float>(source, headDim).CopyTo(new Span<float>(target.Row(firstRow + i) + column, headDim));
    }
}
