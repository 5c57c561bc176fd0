namespace Dray.Inference.Compute.Cpu;

/// <summary>Quantises the columns of <paramref name="x"/> [M, N] from <paramref name="firstColumn"/> on as the rows of a left-hand factor, depth M.</summary>
internal readonly unsafe struct ColumnInputsJob(RowView x, int firstColumn, TileSplit split, IntegerInputs form, byte* target) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of((split.Tiles + ColumnQuantizer.Blocks - 1) / ColumnQuantizer.Blocks))
        {
            for (var tiles = first; tiles < end; tiles++)
            {
                for (var segment = 0; segment < form.Segments.Length; segment++) Pack(tiles * ColumnQuantizer.Blocks, segment);
            }
        }
    }

    private void Pack(int firstTile, int index)
    {
        var segment = form.Segments[index];
        var blocks = stackalloc ColumnBlock[ColumnQuantizer.Blocks];
        for (var i = 0; i < ColumnQuantizer.Blocks; i++)
        {
            var tile = Math.Min(firstTile + i, split.Tiles - 1);
            var (row, height) = (split.FirstRow(tile), split.Height(tile));
            var block = target + ((nint)row * form.RowBytes) + ((nint)height * form.BytesBefore(index));
            blocks[i] = new ColumnBlock
            {
                Lanes = ColumnQuantizer.First(firstTile + i < split.Tiles ? height : 0),
                Words = (uint*)(block + (height * IntegerInputs.HeaderBytes)),
                Stride = height,
                Scales = (float*)block,
                Sums = (int*)block + height,
            };
        }

        var source = x.Row(segment.FirstInput) + firstColumn + split.FirstRow(firstTile);
        ColumnQuantizer.Quantize(source, x.Stride, segment.Length, split.Height(0), blocks, 0, form.SumFactor);
    }
}
