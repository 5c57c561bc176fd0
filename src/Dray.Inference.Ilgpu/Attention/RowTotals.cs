using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Largest scores and sums of weights of a tile's rows over the partitions before a partition, in shared memory.</summary>
internal readonly struct RowTotals(ArrayView<float> largest, ArrayView<float> weights)
{
    /// <summary>A row's sum of weights before the partition.</summary>
    public float Weight(int row, int partition) => weights[At(row, partition)];

    /// <summary>A row's sum over all keys up to the end of the partition.</summary>
    /// <param name="tile">Holds the partition.</param>
    /// <param name="row">The row.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="before">The sum before it.</param>
    /// <param name="sum">The sum over it.</param>
    public float After(AttentionTile tile, int row, int partition, float before, float sum)
    {
        if (partition == 0) return sum;
        if (tile.Limit(row) < partition * KvPartition.Tokens) return before;
        return new PartitionMerge(largest[At(row, partition)], tile.Largest(row)).Of(before, sum);
    }

    /// <summary>Takes a row's partition in.</summary>
    public void Add(AttentionTile tile, int row, int partition)
    {
        var (before, after) = (At(row, partition), At(row, partition + 1));
        weights[after] = After(tile, row, partition, weights[before], tile.Weight(row));
        largest[after] = partition > 0 && largest[before] > tile.Largest(row) ? largest[before] : tile.Largest(row);
    }

    private static int At(int row, int partition) => (partition % 2 * TileRows.Count) + row;
}
