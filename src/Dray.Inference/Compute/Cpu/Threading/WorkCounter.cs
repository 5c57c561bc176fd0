namespace Dray.Inference.Compute.Cpu;

/// <summary>Hands out items of uneven size, from the last to the first.</summary>
internal sealed class WorkCounter
{
    private int _left;

    /// <summary>Starts over with <paramref name="items"/> items.</summary>
    public void Reset(int items) => Volatile.Write(ref _left, items);

    /// <summary>The next item's index; negative when there is none.</summary>
    public int Next() => Interlocked.Decrement(ref _left);
}
