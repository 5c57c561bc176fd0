using System.Buffers;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Byte-pair merging in O(n log n) for pieces of any length. The library's merge looks at every pair again after each merge, which
/// is quick for words and takes seconds for a page of text without blanks; this one keeps the pairs in a queue.
/// </summary>
internal static class BytePairMerger
{
    /// <summary>Appends the ranks that <paramref name="piece"/> consists of: lowest rank first, leftmost first among equals.</summary>
    public static void Merge(TokenTable table, ReadOnlySpan<byte> piece, List<int> ranks, int offset)
    {
        if (table.Rank(piece) is >= 0 and var whole)
        {
            ranks.Add(whole + offset);
            return;
        }

        var length = piece.Length;
        var rented = ArrayPool<int>.Shared.Rent(length * 3);
        var next = rented.AsSpan(0, length);
        var previous = rented.AsSpan(length, length);
        var pairRanks = rented.AsSpan(2 * length, length);
        var queue = new PriorityQueue<int, long>(length);
        for (var i = 0; i < length; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
        }

        for (var i = 0; i < length; i++) Enqueue(table, piece, next, pairRanks, queue, i);
        while (queue.TryDequeue(out var left, out var priority))
        {
            // A pair that has changed since it was queued has another rank by now, or none.
            if (pairRanks[left] != (int)(priority >> 32)) continue;
            var right = next[left];
            pairRanks[right] = -1;
            next[left] = next[right];
            if (next[left] < length) previous[next[left]] = left;
            Enqueue(table, piece, next, pairRanks, queue, left);
            if (previous[left] >= 0) Enqueue(table, piece, next, pairRanks, queue, previous[left]);
        }

        for (var i = 0; i < length; i = next[i]) ranks.Add(table.Rank(piece[i..next[i]]) + offset);
        ArrayPool<int>.Shared.Return(rented);
    }

    /// <summary>Queues the merge of the part at <paramref name="left"/> with the one after it, if the vocabulary has it.</summary>
    private static void Enqueue(
        TokenTable table, ReadOnlySpan<byte> piece, ReadOnlySpan<int> next, Span<int> pairRanks, PriorityQueue<int, long> queue, int left)
    {
        var right = next[left];
        pairRanks[left] = right < piece.Length ? table.Rank(piece[left..next[right]]) : -1;
        if (pairRanks[left] >= 0) queue.Enqueue(left, ((long)pairRanks[left] << 32) | (uint)left);
    }
}
