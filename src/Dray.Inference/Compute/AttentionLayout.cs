namespace Dray.Inference.Compute;

/// <summary>
/// Where the tokens of one forward pass live: filled by the model runner from a step plan, read by every layer. Reused from step
/// to step; a backend that copies it to a device does so when <see cref="Version"/> has changed.
/// </summary>
public sealed class AttentionLayout
{
    private int[] _slots = [];
    private int[] _blockTable = [];
    private SequenceSpan[] _sequences = [];

    /// <summary>Gets a number that grows with every <see cref="Reset"/>.</summary>
    public long Version { get; private set; }

    /// <summary>Gets the number of tokens in the pass (M).</summary>
    public int Tokens { get; private set; }

    /// <summary>Gets per token its place in the cache: block · <see cref="KvCache.BlockTokens"/> + offset.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Tokens);

    /// <summary>Gets the sequences of the pass.</summary>
    public ReadOnlySpan<SequenceSpan> Sequences => _sequences.AsSpan(0, SequenceCount);

    /// <summary>Gets the number of sequences of the pass.</summary>
    public int SequenceCount { get; private set; }

    /// <summary>Gets whether every sequence has exactly one token in the pass.</summary>
    public bool IsDecode => Tokens == SequenceCount;

    /// <summary>Gets the block numbers of all sequences, one sequence after another.</summary>
    public ReadOnlySpan<int> BlockTable => _blockTable.AsSpan(0, BlockCount);

    /// <summary>Gets the length of <see cref="BlockTable"/>.</summary>
    public int BlockCount { get; private set; }

    /// <summary>Empties the layout for the next pass.</summary>
    public void Reset()
    {
        Tokens = SequenceCount = BlockCount = 0;
        Version++;
    }

    /// <summary>Adds a sequence whose next <paramref name="tokens"/> tokens are computed in this pass.</summary>
    /// <param name="blocks">The sequence's blocks, enough for <paramref name="contextBefore"/> + <paramref name="tokens"/>.</param>
    /// <param name="contextBefore">Tokens already in the cache.</param>
    /// <param name="tokens">Tokens of this pass.</param>
    public void Add(ReadOnlySpan<int> blocks, int contextBefore, int tokens)
    {
        var needed = KvCache.BlocksOf(contextBefore + tokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks.Length, needed, nameof(blocks));
        Grow(ref _sequences, SequenceCount + 1);
        Grow(ref _blockTable, BlockCount + needed);
        Grow(ref _slots, Tokens + tokens);
        _sequences[SequenceCount++] = new SequenceSpan(Tokens, tokens, contextBefore, BlockCount);
        blocks[..needed].CopyTo(_blockTable.AsSpan(BlockCount));
        for (var i = 0; i < tokens; i++)
        {
            var position = contextBefore + i;
            _slots[Tokens + i] = (blocks[position / KvCache.BlockTokens] * KvCache.BlockTokens) + (position % KvCache.BlockTokens);
        }

        BlockCount += needed;
        Tokens += tokens;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, array.Length * 2));
    }
}
