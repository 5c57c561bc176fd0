namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Bidirectional attention within segments. Blocks of query rows are ordered by segment and head; a thread packs the keys and values of a
/// segment's head when it comes to its first block of it.
/// </summary>
/// <remarks>
/// <code>
///  packed, per 32 keys:   keys [headDim][32]   values [32][width]      width = headDim rounded up to 32, the rest zeros
/// </code>
/// </remarks>
internal readonly unsafe struct SegmentAttentionJob<TSimd, TVec>(
    Workspace workspace, RowView q, RowView k, RowView v, int headDim, int* segments, int segmentCount, RowView y) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private readonly int _heads = q.Columns / headDim;
    private readonly int _width = HostKvCache.PaddedWidth(headDim);

    /// <summary>Number of blocks.</summary>
    public int Blocks()
    {
        var count = 0;
        for (var i = 0; i < segmentCount; i++) count += RowBlocks(segments[i]) * _heads;
        return count;
    }

    public void Execute(TeamShare share)
    {
        var longest = 0;
        for (var i = 0; i < segmentCount; i++) longest = Math.Max(longest, segments[i]);
        var blockScratch = QueryBlock<TSimd, TVec>.ScratchFloats(headDim);
        var scratch = workspace.Own(share.Thread, blockScratch + (KeyTiles(longest) * (nint)TileFloats));
        var packed = scratch + blockScratch;
        var last = default(HeadOfSegment);
        foreach (var (first, end) in share.Of(Blocks()))
        {
            for (var block = first; block < end; block++)
            {
                var (head, rowBlock) = Find(block);
                if (head != last) Pack(head.FirstRow, head.Rows, head.Column, packed);
                last = head;
                Attend(head.FirstRow, head.Rows, rowBlock * QueryBlock<TSimd, TVec>.MaxRows, head.Column, packed, scratch);
            }
        }
    }

    private (HeadOfSegment Head, int RowBlock) Find(int block)
    {
        var row = 0;
        for (var i = 0; ; row += segments[i++])
        {
            var rowBlocks = RowBlocks(segments[i]);
            if (block < rowBlocks * _heads)
            {
                var (head, rowBlock) = Math.DivRem(block, rowBlocks);
                return (new HeadOfSegment(row, segments[i], head * headDim), rowBlock);
            }

            block -= rowBlocks * _heads;
        }
    }

    private int TileFloats => TileUses.Width * (headDim + _width);

    private static int RowBlocks(int length) => (length + QueryBlock<TSimd, TVec>.MaxRows - 1) / QueryBlock<TSimd, TVec>.MaxRows;

    private static int KeyTiles(int length) => (length + TileUses.Width - 1) / TileUses.Width;

    private void Pack(int firstRow, int length, int column, float* packed)
    {
        for (var position = 0; position < length; position += TileUses.Width, packed += TileFloats)
        {
            var count = Math.Min(TileUses.Width, length - position);
            var values = packed + (TileUses.Width * headDim);
            if (count < TileUses.Width || _width > headDim) new Span<float>(packed, TileFloats).Clear();
            for (var t = 0; t < count; t++)
            {
                InputPackJob.InterleaveRow(k.Row(firstRow + position + t) + column, headDim, packed + t, TileUses.Width, 1);
                new Span<float>(v.Row(firstRow + position + t) + column, headDim).CopyTo(new Span<float>(values + (t * _width), headDim));
            }
        }
    }

    private void Attend(int segmentRow, int length, int firstRow, int column, float* packed, float* scratch)
    {
        var rows = Math.Min(QueryBlock<TSimd, TVec>.MaxRows, length - firstRow);
        var block = new QueryBlock<TSimd, TVec>(rows, headDim, scratch);
        for (var tile = 0; tile < block.Tiles; tile++)
        {
            for (var r = 0; r < block.Height(tile); r++) block.SetQuery(tile, r, q.Row(segmentRow + firstRow + block.FirstRow(tile) + r) + column);
        }

        var visible = stackalloc int[QueryBlock<TSimd, TVec>.MaxRows];
        for (var position = 0; position < length; position += TileUses.Width, packed += TileFloats)
        {
            var count = Math.Min(TileUses.Width, length - position);
            new Span<int>(visible, rows).Fill(count);
            var keys = new KeyTile(
                (nint)packed, (nint)(packed + (TileUses.Width / 2)), TileUses.Width, (nint)(packed + (TileUses.Width * headDim)), _width, 0);
            block.Add<WeightCodes.Floats>(keys, visible);
        }

        for (var row = 0; row < rows; row++) block.Finish(row, y.Row(segmentRow + firstRow + row) + column);
    }

    private readonly record struct HeadOfSegment(int FirstRow, int Rows, int Column);
}
