namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// The share of a product that one thread computes with assembled tiles: whole strips. Inputs are taken in blocks that stay in the
/// second-level cache while all of the thread's strips meet them; within a block, a strip's weights stay near while all tiles of rows meet them.
/// </summary>
internal readonly unsafe struct AssembledMatMulJob(
    Workspace workspace, MatrixSpan span, InputForm form, byte* inputs, TileSplit split, RowView y, bool accumulate) : ITeamJob
{
    private const long BlockBytes = 512 << 10;

    public void Execute(int thread, int threads)
    {
        var (first, end) = TeamShare.Of(span.Strips, thread, threads);
        var scratch = workspace.Own(thread, form.Kernels.MaxRows * TileUses.Width);
        for (var segment = 0; segment < form.Segments.Length;)
        {
            var blockEnd = BlockEnd(segment);
            var strip = 0;
            var column = 0;
            foreach (var part in span.Parts)
            {
                var (from, to) = (Math.Max(first - strip, 0), Math.Min(end - strip, part.Strips));
                for (var i = from; i < to; i++)
                {
                    for (var run = segment; run < blockEnd;)
                    {
                        var runEnd = form.RunEnd(run, blockEnd);
                        Multiply(part, i, run, runEnd, column + (i * TileUses.Width), scratch);
                        run = runEnd;
                    }
                }

                strip += part.Strips;
                column += part.Outputs;
            }

            segment = blockEnd;
        }
    }

    private int BlockEnd(int first)
    {
        if (split.Tiles == 1) return form.Segments.Length;
        var end = first + 1;
        while (end < form.Segments.Length && (long)split.Rows * (form.BytesBefore(end + 1) - form.BytesBefore(first)) <= BlockBytes) end++;
        return end;
    }

    private void Multiply(PackedPart part, int strip, int first, int end, int column, float* scratch)
    {
        var columns = Math.Min(TileUses.Width, part.Outputs - (strip * TileUses.Width));
        var arguments = new AssembledTileArguments { IsFirst = first == 0 && !accumulate ? 1 : 0 };
        form.SetWeights(ref arguments, part, strip, first, end);
        for (var tile = 0; tile < split.Tiles; tile++)
        {
            var (row, rows) = (split.FirstRow(tile), split.Height(tile));
            var output = y.Row(row) + column;
            arguments.Inputs = inputs + ((nint)row * form.RowBytes) + ((nint)rows * form.BytesBefore(first));
            arguments.Output = columns == TileUses.Width ? output : scratch;
            arguments.OutputStride = (columns == TileUses.Width ? y.Stride : TileUses.Width) * sizeof(float);
            if (columns < TileUses.Width) Copy(output, y.Stride, scratch, TileUses.Width, rows, columns);
            form.Kernels.Run(rows, &arguments);
            if (columns < TileUses.Width) Copy(scratch, TileUses.Width, output, y.Stride, rows, columns);
        }
    }

    private static void Copy(float* source, nint sourceStride, float* target, nint targetStride, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
            new Span<float>(source + (row * sourceStride), columns).CopyTo(new Span<float>(target + (row * targetStride), columns));
    }
}
