namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Bidirectional attention within segments. Blocks of query rows are ordered by segment and head; a thread packs the keys and values of a
/// segment's head when it comes to its first block of it.
/// </summary>
/// <remarks>
/// <code>
///  packed, per 16 keys:   keys [headDim][16]   values [16][width]      width = headDim rounded up to 32, the rest zeros
/// </code>
/// </remarks>
internal readonly unsafe struct SegmentAttentionJob<TSimd, TVec>(
    Workspace workspace, RowView q, RowView k, RowView v, int headDim, int* segments, int segmentCount, RowView y) : ITeamJob
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private const int MaxRows = PagedAttentionPlan.MaxRows;

    private readonly int _heads = q.Columns / headDim;
    private readonly int _width = AttentionKernel.PaddedWidth(headDim);

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
        var blockScratch = QueryBlock<TSimd, TVec, KvCodes.Widened>.ScratchFloats(MaxRows, headDim);
        var stateFloats = SoftmaxState<TSimd, TVec>.Floats(MaxRows, _width);
        var scratch = workspace.Own(share.Thread, stateFloats + blockScratch + (KvCache.BlocksOf(longest) * (nint)BlockFloats));
        var packed = scratch + stateFloats + blockScratch;
        var last = default(HeadOfSegment);
        foreach (var (first, end) in share.Of(Blocks()))
        {
            for (var block = first; block < end; block++)
            {
                var (head, rowBlock) = Find(block);
                if (head != last) Pack(head.FirstRow, head.Rows, head.Column, packed);
                last = head;
                Attend(head.FirstRow, head.Rows, rowBlock * MaxRows, head.Column, packed, scratch);
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

    private int BlockFloats => KvCache.BlockTokens * (headDim + _width);

    private static int RowBlocks(int length) => (length + MaxRows - 1) / MaxRows;

    private void Pack(int firstRow, int length, int column, float* packed)
    {
        for (var position = 0; position < length; position += KvCache.BlockTokens, packed += BlockFloats)
        {
            var count = Math.Min(KvCache.BlockTokens, length - position);
            var values = packed + (KvCache.BlockTokens * headDim);
            if (count < KvCache.BlockTokens || _width > headDim) new Span<float>(packed, BlockFloats).Clear();
            for (var t = 0; t < count; t++)
            {
                InputPackJob.InterleaveRow(k.Row(firstRow + position + t) + column, headDim, packed + t, KvCache.BlockTokens, 1);
                new Span<float>(v.Row(firstRow + position + t) + column, headDim).CopyTo(new Span<float>(values + (t * _width), headDim));
            }
        }
    }

    private void Attend(int segmentRow, int length, int firstRow, int column, float* packed, float* scratch)
    {
        var rows = Math.Min(MaxRows, length - firstRow);
        var state = new SoftmaxState<TSimd, TVec>(rows, _width, scratch);
        var block = new QueryBlock<TSimd, TVec, KvCodes.Widened>(rows, headDim, headDim, scratch + SoftmaxState<TSimd, TVec>.Floats(MaxRows, _width));
        for (var tile = 0; tile < block.Tiles; tile++)
        {
            for (var r = 0; r < block.Height(tile); r++) block.SetQuery(tile, r, q.Row(segmentRow + firstRow + block.FirstRow(tile) + r) + column);
        }

        state.Clear();
        var visible = stackalloc int[MaxRows];
        var addresses = stackalloc float*[KvTile.BlockCount];
        var last = KvCache.BlocksOf(length) - 1;
        for (var position = 0; position < length; position += KvTile.Tokens)
        {
            new Span<int>(visible, rows).Fill(Math.Min(KvTile.Tokens, length - position));
            for (var i = 0; i < KvTile.BlockCount; i++)
                addresses[i] = packed + (Math.Min((position / KvCache.BlockTokens) + i, last) * (nint)BlockFloats);
            block.Add(state, new KvTile((nint)addresses, (nint)addresses, headDim, _width), default, visible);
        }

        for (var row = 0; row < rows; row++) state.Finish(row, y.Row(segmentRow + firstRow + row) + column, headDim);
    }

    private readonly record struct HeadOfSegment(int FirstRow, int Rows, int Column);
}
