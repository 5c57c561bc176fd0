namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The share of a product that one thread computes with assembled tiles: whole strips. Inputs are taken in blocks that stay in the
/// second-level cache while all strips of a chunk meet them; within a block, a strip's weights stay near while all tiles of rows meet them.
/// </summary>
internal readonly unsafe struct AssembledMatMulJob(
    Workspace workspace, MatrixSpan span, InputForm form, byte* inputs, TileSplit split, RowView y, bool accumulate) : ITeamJob
{
    private const long BlockBytes = 512 << 10;

    /// <summary>Strips that a thread takes at once where weights stream through: few, so that no thread waits long for the other's last ones.</summary>
    private const int StripsOfOneTile = 2;

    /// <summary>The most strips that share a block of inputs while it is in the cache.</summary>
    private const int StripsOfManyTiles = 16;

    /// <summary>A narrow matrix is shared out in at least so many chunks a thread, so that one that was held up doesn't hold up the other.</summary>
    private const int ChunksPerThread = 4;

    public void Execute(TeamShare share)
    {
        var scratch = workspace.Own(share.Thread, (2 * form.Kernels.MaxRows * WeightStrip.Width) + (form.ThreadBytes / sizeof(float)));
        var grain = split.Tiles == 1 ? StripsOfOneTile : Math.Clamp(span.Strips / (share.Threads * ChunksPerThread), StripsOfOneTile, StripsOfManyTiles);
        foreach (var (first, end) in share.Of(span.Strips, grain)) MultiplyStrips(first, end, scratch);
    }

    private void MultiplyStrips(int first, int end, float* scratch)
    {
        var groups = new TileSplit(split.Tiles, Math.Max(form.GroupRows / form.Kernels.MaxRows, 1));
        for (var group = 0; group < groups.Tiles; group++)
        {
            var (tile, tiles) = (groups.FirstRow(group), groups.Height(group));
            for (var segment = 0; segment < form.Segments.Length;)
            {
                var blockEnd = BlockEnd(segment, tiles);
                MultiplyBlock(first, end, segment, blockEnd, tile, tile + tiles, scratch);
                segment = blockEnd;
            }
        }
    }

    /// <summary>The end of the block of segments from <paramref name="first"/>: as many as stay near for so many tiles.</summary>
    private int BlockEnd(int first, int tiles)
    {
        if (tiles == 1) return form.Segments.Length;
        var end = first + 1;
        while (end < form.Segments.Length && (long)tiles * form.Kernels.MaxRows * (form.BytesBefore(end + 1) - form.BytesBefore(first)) <= BlockBytes) end++;
        return end;
    }

    private void MultiplyBlock(int firstStrip, int endStrip, int segment, int blockEnd, int tile, int endTile, float* scratch)
    {
        var strip = 0;
        var column = 0;
        foreach (var part in span.Parts)
        {
            var (from, to) = (Math.Max(firstStrip - strip, 0), Math.Min(endStrip - strip, part.Strips));
            for (var i = from; i < to; i++)
            {
                for (var run = segment; run < blockEnd;)
                {
                    var runEnd = form.RunEnd(run, blockEnd);
                    MultiplyRun(part, i, run, runEnd, column + (i * WeightStrip.Width), tile, endTile, scratch);
                    run = runEnd;
                }
            }

            strip += part.Strips;
            column += part.Outputs;
        }
    }

    private void MultiplyRun(PackedPart part, int strip, int first, int end, int column, int firstTile, int endTile, float* scratch)
    {
        var columns = Math.Min(WeightStrip.Width, part.Outputs - (strip * WeightStrip.Width));
        var arguments = new AssembledTileArguments
        {
            IsFirst = first == 0 && !accumulate ? 1 : 0,
            Sums = scratch + (form.Kernels.MaxRows * WeightStrip.Width),
        };
        form.SetWeights(ref arguments, part, strip, first, end, (byte*)(scratch + (2 * form.Kernels.MaxRows * WeightStrip.Width)));
        for (var tile = firstTile; tile < endTile; tile++)
        {
            var (row, rows) = (split.FirstRow(tile), split.Height(tile));
            var output = y.Row(row) + column;
            arguments.Inputs = inputs + ((nint)row * form.RowBytes) + ((nint)rows * form.BytesBefore(first));
            arguments.Output = columns == WeightStrip.Width ? output : scratch;
            arguments.OutputStride = (columns == WeightStrip.Width ? y.Stride : WeightStrip.Width) * sizeof(float);
            if (columns < WeightStrip.Width) Copy(output, y.Stride, scratch, WeightStrip.Width, rows, columns);
            form.Kernels.Run(rows, &arguments);
            if (columns < WeightStrip.Width) Copy(scratch, WeightStrip.Width, output, y.Stride, rows, columns);
        }
    }

    private static void Copy(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
            new Span<float>(source + (row * sourceStride), columns).CopyTo(new Span<float>(target + (row * targetStride), columns));
    }
}
