namespace Dray.Inference.Compute.Cpu;

/// <summary>The chunks of a <see cref="TeamShare"/>: <c>foreach (var (first, end) in share.Of(items))</c>.</summary>
internal unsafe struct TeamChunks(TeamSeat* seats, int thread, int threads, int items, int grain)
{
    private readonly TeamSeat* _seats = seats;
    private readonly int _threads = threads;
    private readonly int _items = items;
    private readonly int _grain = grain;
    private int _owner = thread;
    private int _ownersLeft = threads;

    /// <summary>Gets the first item of the chunk, and the one after its last.</summary>
    public (int First, int End) Current { get; private set; }

    /// <summary>The chunks themselves.</summary>
    public readonly TeamChunks GetEnumerator() => this;

    /// <summary>Takes the next chunk, from this thread's own range as long as there is one.</summary>
    public bool MoveNext()
    {
        for (; _ownersLeft > 0; _ownersLeft--, _owner = _owner + 1 == _threads ? 0 : _owner + 1)
        {
            var first = (int)((long)_items * _owner / _threads);
            var end = (int)((long)_items * (_owner + 1) / _threads);
            var taken = Take(end - first);
            if (taken >= end - first) continue;
            Current = (first + taken, Math.Min(first + taken + _grain, end));
            return true;
        }

        return false;
    }

    // Looking before adding keeps the line shared among those who find the range used up.
    private int Take(int length)
    {
        if (_seats == null) return Current.End;
        ref var taken = ref _seats[_owner].Taken;
        return Volatile.Read(ref taken) >= length ? length : Interlocked.Add(ref taken, _grain) - _grain;
    }
}
