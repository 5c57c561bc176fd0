namespace Dray.Inference.Tokenization;

/// <summary>
/// Remembers the ids of pieces seen lately: words repeat. Direct-mapped, bounded, without locks; a reader sees an entry whole or
/// not at all because entries are immutable.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>The longest piece worth keeping, in UTF-16 units.</summary>
    public const int LongestPiece = 64;

    private const int Slots = 1 << 15;
    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>Finds the ids of a piece.</summary>
    /// <param name="piece">The piece.</param>
    /// <param name="slot">Where it belongs, for <see cref="Add"/>.</param>
    /// <param name="ids">The ids, when known.</param>
    public bool TryGet(ReadOnlySpan<char> piece, out int slot, out ReadOnlySpan<int> ids)
    {
        slot = (int)((uint)string.GetHashCode(piece) % Slots);
        if (Volatile.Read(ref _entries[slot]) is { } entry && piece.SequenceEqual(entry.Piece))
        {
            ids = entry.Ids;
            return true;
        }

        ids = default;
        return false;
    }

    /// <summary>Keeps the ids of a piece, in place of whatever was there.</summary>
    public void Add(int slot, ReadOnlySpan<char> piece, ReadOnlySpan<int> ids) =>
        Volatile.Write(ref _entries[slot], new Entry(piece.ToString(), ids.ToArray()));

    private sealed record Entry(string Piece, int[] Ids);
}
