namespace Dray.Inference.Compute.Cpu;

/// <summary>Query rows of a sequence that read the same KV head. Row i is head i % <paramref name="Sharing"/> of the token i / <paramref name="Sharing"/>.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="FirstRow">First row.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="KvHead">The KV head.</param>
/// <param name="Sharing">Query heads that share it.</param>
internal readonly record struct PagedAttentionBlock(SequenceSpan Sequence, int FirstRow, int Rows, int KvHead, int Sharing)
{
    /// <summary>Gets the keys that the last row sees.</summary>
    public int Context => Seen(Rows - 1);

    /// <summary>Keys that a row of the block sees.</summary>
    public int Seen(int row) => Sequence.ContextBefore + ((FirstRow + row) / Sharing) + 1;

    /// <summary>Where a row of the block lies in queries and results.</summary>
    public unsafe float* Row(RowView view, int row, int headDim) =>
        view.Row(Sequence.FirstToken + ((FirstRow + row) / Sharing)) + (((KvHead * Sharing) + ((FirstRow + row) % Sharing)) * headDim);
}
