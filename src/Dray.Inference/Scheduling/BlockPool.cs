namespace Dray.Inference.Scheduling;

/// <summary>
/// The KV cache's blocks by number: who holds how many of them, which are free, and which can be shared because their content has a
/// name. A named block that nobody holds stays findable until its place is needed; the one unused for longest goes first.
/// </summary>
internal sealed class BlockPool
{
    private const int None = -1;

    private readonly int[] _holders;
    private readonly BlockHash?[] _names;
    private readonly Dictionary<BlockHash, int> _named;

    // Free blocks as a doubly linked ring through the entry after the last block: its successor is taken next.
    private readonly int[] _next;
    private readonly int[] _previous;

    public BlockPool(int blocks)
    {
        (Total, Free) = (blocks, blocks);
        _named = new Dictionary<BlockHash, int>(blocks);
        (_holders, _names) = (new int[blocks], new BlockHash?[blocks]);
        (_next, _previous) = (new int[blocks + 1], new int[blocks + 1]);
        for (var i = 0; i <= blocks; i++) (_next[i], _previous[i]) = (i == blocks ? 0 : i + 1, i == 0 ? blocks : i - 1);
    }

    /// <summary>Gets the number of blocks.</summary>
    public int Total { get; }

    /// <summary>Gets the number of blocks nobody holds, named ones included.</summary>
    public int Free { get; private set; }

    private int Ring => Total;

    /// <summary>Takes a block for new content, or says that there is none.</summary>
    public bool TryTake(out int block)
    {
        block = Free > 0 ? _next[Ring] : None;
        if (block == None) return false;
        Unlink(block);
        Forget(block);
        _holders[block] = 1;
        return true;
    }

    /// <summary>Takes a block that has this content already, if there is one; it may have other holders.</summary>
    public bool TryShare(BlockHash name, out int block)
    {
        if (!_named.TryGetValue(name, out block)) return false;
        if (_holders[block]++ == 0) Unlink(block);
        return true;
    }

    /// <summary>Makes a held block findable by its content. Where another block has the same, that one stays the one to be found.</summary>
    public void Name(int block, BlockHash name)
    {
        if (_names[block] is not null || !_named.TryAdd(name, block)) return;
        _names[block] = name;
    }

    /// <summary>Gives a block back.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds it.</exception>
    public void Return(int block)
    {
        if (_holders[block] == 0) throw new InvalidOperationException($"Block {block} was returned, but nobody holds it.");
        if (--_holders[block] > 0) return;
        Free++;

        // A block without a name is of no use to anyone: it is taken next, while it is still in the processor's cache.
        var after = _names[block] is null ? Ring : _previous[Ring];
        var before = _next[after];
        (_previous[block], _next[block]) = (after, before);
        _next[after] = _previous[before] = block;
    }

    /// <summary>Forgets what all blocks hold, after a step that may have left them half written. Holders keep them.</summary>
    public void ForgetNames()
    {
        _named.Clear();
        Array.Clear(_names);
    }

    private void Unlink(int block)
    {
        Free--;
        _next[_previous[block]] = _next[block];
        _previous[_next[block]] = _previous[block];
    }

    private void Forget(int block)
    {
        if (_names[block] is not { } name) return;
        _named.Remove(name);
        _names[block] = null;
    }
}
