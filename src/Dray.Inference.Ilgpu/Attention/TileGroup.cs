using System.Runtime.CompilerServices;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Four tiles of 16 rows × 8 dimensions, in registers.</summary>
internal struct TileGroup
{
    public Quad T0;
    public Quad T1;
    public Quad T2;
    public Quad T3;

    /// <summary>Adds the product with four tiles of values; weights are a sum of two bf16, for one has too few bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(WarpProduct product, Word4 weights, Word4 rest, Fragments values)
    {
        T0 = product.Add(product.Add(T0, weights, values.Low.X, values.High.X), rest, values.Low.X, values.High.X);
        T1 = product.Add(product.Add(T1, weights, values.Low.Y, values.High.Y), rest, values.Low.Y, values.High.Y);
        T2 = product.Add(product.Add(T2, weights, values.Low.Z, values.High.Z), rest, values.Low.Z, values.High.Z);
        T3 = product.Add(product.Add(T3, weights, values.Low.W, values.High.W), rest, values.Low.W, values.High.W);
    }

    /// <summary>Multiplies the upper and the lower rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Scale(float upper, float lower)
    {
        T0 = Scaled(T0, upper, lower);
        T1 = Scaled(T1, upper, lower);
        T2 = Scaled(T2, upper, lower);
        T3 = Scaled(T3, upper, lower);
    }

    /// <summary>Puts a partition behind what was before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Merge(TileGroup partition, PartitionMerge upper, PartitionMerge lower)
    {
        T0 = Merged(T0, partition.T0, upper, lower);
        T1 = Merged(T1, partition.T1, upper, lower);
        T2 = Merged(T2, partition.T2, upper, lower);
        T3 = Merged(T3, partition.T3, upper, lower);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad Scaled(Quad tile, float upper, float lower) => new(tile.X * upper, tile.Y * upper, tile.Z * lower, tile.W * lower);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Quad Merged(Quad before, Quad partition, PartitionMerge upper, PartitionMerge lower) => new(
        upper.Of(before.X, partition.X), upper.Of(before.Y, partition.Y), lower.Of(before.Z, partition.Z), lower.Of(before.W, partition.W));
}
