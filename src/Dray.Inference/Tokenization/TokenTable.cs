using System.Buffers.Binary;
using System.Numerics;

namespace Dray.Inference.Tokenization;

/// <summary>The vocabulary's byte sequences by rank, and ranks by byte sequence.</summary>
internal sealed class TokenTable
{
    private readonly byte[] _bytes;
    private readonly int[] _ends;
    private readonly int[] _slots;

    /// <summary>Indexes the first <paramref name="count"/> sequences.</summary>
    /// <param name="bytes">All sequences, one after the other.</param>
    /// <param name="ends">Where each sequence ends in <paramref name="bytes"/>.</param>
    /// <param name="count">How many of them are used.</param>
    /// <param name="duplicate">The rank of the first sequence that an earlier one repeats, or -1.</param>
    public TokenTable(byte[] bytes, int[] ends, int count, out int duplicate)
    {
        _bytes = bytes;
        _ends = ends;
        Count = count;
        _slots = new int[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, count * 2))];
        duplicate = -1;
        for (var rank = 0; rank < count; rank++)
        {
            var slot = Slot(this[rank]);
            if (_slots[slot] != 0)
            {
                duplicate = rank;
                return;
            }

            _slots[slot] = rank + 1;
            LongestLength = Math.Max(LongestLength, this[rank].Length);
        }
    }

    /// <summary>Gets the number of sequences.</summary>
    public int Count { get; }

    /// <summary>Gets the length of the longest sequence in bytes.</summary>
    public int LongestLength { get; }

    /// <summary>The sequence of a rank.</summary>
    public ReadOnlySpan<byte> this[int rank] => Memory(rank).Span;

    /// <summary>The sequence of a rank.</summary>
    public ReadOnlyMemory<byte> Memory(int rank)
    {
        var start = rank == 0 ? 0 : _ends[rank - 1];
        return _bytes.AsMemory(start, _ends[rank] - start);
    }

    /// <summary>The rank of a sequence, or -1 where it is none of the vocabulary's.</summary>
    public int Rank(ReadOnlySpan<byte> sequence) => sequence.Length > LongestLength ? -1 : _slots[Slot(sequence)] - 1;

    /// <summary>The slot that holds the sequence, or the empty one where it belongs.</summary>
    private int Slot(ReadOnlySpan<byte> sequence)
    {
        var mask = _slots.Length - 1;
        var slot = (int)Hash(sequence) & mask;
        while (_slots[slot] is > 0 and var entry && !this[entry - 1].SequenceEqual(sequence)) slot = (slot + 1) & mask;
        return slot;
    }

    private static uint Hash(ReadOnlySpan<byte> sequence)
    {
        const ulong multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)sequence.Length * multiplier;
        while (sequence.Length >= 8)
        {
            hash = BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(sequence), 29) * multiplier;
            sequence = sequence[8..];
        }

        ulong rest = 0;
        for (var i = 0; i < sequence.Length; i++) rest |= (ulong)sequence[i] << (8 * i);
        hash = (hash ^ rest) * multiplier;
        return (uint)(hash >> 32);
    }
}
