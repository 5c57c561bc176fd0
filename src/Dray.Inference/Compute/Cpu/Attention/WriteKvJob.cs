namespace Dray.Inference.Compute.Cpu;

/// <summary>Stores the step's keys and values: rounded to the cache's type, keys transposed.</summary>
internal readonly unsafe struct WriteKvJob(HostKvCache cache, int layer, RowView k, RowView v, AttentionLayout layout) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        var headDim = cache.Shape.HeadDim;
        var slots = layout.Slots;
        foreach (var (first, end) in share.Of(k.Rows))
        {
            for (var m = first; m < end; m++)
            {
                for (var head = 0; head < cache.Shape.KvHeads; head++)
                    cache.Write(layer, slots[m], head, k.Row(m) + (head * headDim), v.Row(m) + (head * headDim));
            }
        }
    }
}
