namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Interleaves the rows of each tile, so that a tile reads its inputs in one stream: tile of R rows from row r lies at r · K as [K][R].
/// </summary>
internal readonly unsafe struct InputPackJob(float* x, nint stride, int inputs, TileSplit split, float* packed) : ITeamJob
{
    public void Execute(TeamShare share)
    {
        foreach (var (first, end) in share.Of(split.Tiles))
        {
            for (var tile = first; tile < end; tile++)
            {
                var row = split.FirstRow(tile);
                var height = split.Height(tile);
                for (var r = 0; r < height; r++) InterleaveRow(x + ((row + r) * stride), inputs, packed + ((nint)row * inputs) + r, height, 1);
            }
        }
    }

    /// <summary>Writes <c>target[k · rows] = source[k] · scale</c>, one row of a tile.</summary>
    public static void InterleaveRow(float* source, int inputs, float* target, int rows, float scale)
    {
        for (var k = 0; k < inputs; k++, target += rows) *target = source[k] * scale;
    }
}
