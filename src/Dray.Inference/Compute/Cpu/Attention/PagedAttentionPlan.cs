namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// How a step's attention is cut into items of work: by sequence, block of query rows, where the query heads that share a KV head are rows of
/// their own, and KV head; and by span of 1024 keys where there would be too few items for the threads.
/// </summary>
/// <remarks>A row's keys are summed up span by span in any case, and the spans joined in order, so that both ways give the same bits.</remarks>
internal readonly struct PagedAttentionPlan
{
    /// <summary>Keys of a span.</summary>
    public const int SpanTokens = 16 * KvTile.Tokens;

    /// <summary>The most query rows of an item.</summary>
    public const int MaxRows = 96;

    private const int ItemsPerThread = 4;
    private const int MaxPartialFloats = 4 << 20;

    private readonly int _kvHeads;
    private readonly int _sharing;

    /// <summary>Plans a step.</summary>
    /// <param name="layout">Its sequences.</param>
    /// <param name="kvHeads">KV heads.</param>
    /// <param name="sharing">Query heads that share a KV head.</param>
    /// <param name="threads">Threads there are.</param>
    /// <param name="stateFloats">Floats of the softmax state of a row.</param>
    public PagedAttentionPlan(AttentionLayout layout, int kvHeads, int sharing, int threads, int stateFloats)
    {
        _kvHeads = kvHeads;
        _sharing = sharing;
        var (spans, rows) = (0L, 0);
        foreach (ref readonly var sequence in layout.Sequences)
        {
            BlockCount += Blocks(sequence);
            spans += (long)Blocks(sequence) * Spans(sequence);
            rows = Math.Max(rows, Math.Min(MaxRows, sequence.Tokens * sharing));
        }

        PartialFloats = rows * stateFloats;
        IsSplit = spans > BlockCount && BlockCount < ItemsPerThread * threads && spans * PartialFloats <= MaxPartialFloats;
        Items = IsSplit ? (int)spans : BlockCount;
    }

    /// <summary>Gets the number of blocks of query rows, times KV heads.</summary>
    public int BlockCount { get; }

    /// <summary>Gets the number of items.</summary>
    public int Items { get; }

    /// <summary>Gets whether an item is one span of a block.</summary>
    public bool IsSplit { get; }

    /// <summary>Gets the floats between the states of two spans.</summary>
    public int PartialFloats { get; }

    /// <summary>Items of a sequence.</summary>
    public int ItemsOf(in SequenceSpan sequence) => Blocks(sequence) * (IsSplit ? Spans(sequence) : 1);

    /// <summary>Blocks of query rows of a sequence, times KV heads.</summary>
    public int Blocks(in SequenceSpan sequence) => ((sequence.Tokens * _sharing) + MaxRows - 1) / MaxRows * _kvHeads;

    /// <summary>Spans of a sequence.</summary>
    public static int Spans(in SequenceSpan sequence) => (sequence.ContextBefore + sequence.Tokens + SpanTokens - 1) / SpanTokens;

    /// <summary>A sequence's block, by number.</summary>
    public PagedAttentionBlock Block(in SequenceSpan sequence, int index)
    {
        var (rowBlock, kvHead) = Math.DivRem(index, _kvHeads);
        var firstRow = rowBlock * MaxRows;
        return new PagedAttentionBlock(sequence, firstRow, Math.Min(MaxRows, (sequence.Tokens * _sharing) - firstRow), kvHead, _sharing);
    }
}
