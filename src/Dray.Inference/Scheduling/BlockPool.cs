namespace Dray.Inference.Scheduling;

/// <summary>The KV cache's blocks by number: which are free. The last one freed is the next one given, so little memory is touched.</summary>
internal sealed class BlockPool
{
    private readonly int[] _free;

    public BlockPool(int blocks)
    {
        _free = new int[blocks];
        for (var i = 0; i < blocks; i++) _free[i] = blocks - 1 - i;
        (Total, Free) = (blocks, blocks);
    }

    /// <summary>Gets the number of blocks.</summary>
    public int Total { get; }

    /// <summary>Gets the number of blocks nobody holds.</summary>
    public int Free { get; private set; }

    /// <summary>Takes a block, or says that there is none.</summary>
    public bool TryTake(out int block)
    {
        block = Free > 0 ? _free[--Free] : -1;
        return block >= 0;
    }

    /// <summary>Gives a block back.</summary>
    public void Return(int block)
    {
        if (Free == Total) throw new InvalidOperationException($"Block {block} was returned twice: all {Total} blocks are free already.");
        _free[Free++] = block;
    }
}
