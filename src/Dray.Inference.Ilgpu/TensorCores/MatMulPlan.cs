namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>Which tile a product of M rows runs with, and its grid.</summary>
/// <param name="Octets">Rows of the tile, divided by 8.</param>
/// <param name="HasTotals">Whether one group takes all segments.</param>
/// <param name="Tiles">Groups along rows and outputs.</param>
/// <param name="Segments">Groups along the inputs.</param>
internal readonly record struct MatMulPlan(int Octets, bool HasTotals, int Tiles, int Segments)
{
    /// <summary>The most groups whose segments are kept in memory: those that leave half of the multiprocessors idle.</summary>
    private const int MostSplitTiles = 66;

    /// <summary>Gets the bytes that groups keep for each other.</summary>
    public long PartialBytes => Segments == 1 ? 0 : (long)Tiles * Segments * Octets * 8192;

    /// <summary>Plans M rows, 1 or more.</summary>
    public static MatMulPlan For(FragmentLayout layout, int rows)
    {
        var octets = rows switch { <= 8 => 1, <= 16 => 2, <= 32 => 4, _ => 8 };
        var tiles = ((rows + (octets * 8) - 1) / (octets * 8)) * layout.OutputTiles;
        if (octets < 8 || tiles <= MostSplitTiles || layout.Segments == 1) return new MatMulPlan(octets, false, tiles, layout.Segments);

        // Totals beside sums of 64 rows leave too few registers for loads of bf16.
        return layout.Kind == FragmentKind.Dense
            ? new MatMulPlan(4, true, (rows + 31) / 32 * layout.OutputTiles, 1)
            : new MatMulPlan(octets, true, tiles, 1);
    }
}
