namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// <c>y = x · Wᵀ</c> on packed weights. Each thread owns a share of the strips of 32 outputs. With few rows the tile unpacks weights in
/// registers, so that they stream through once; with many, a segment of a strip is unpacked to a panel of at most 16 KiB that all row
/// tiles then sweep. Both add up the same numbers in the same order: <c>y[m, n] = Σ over segments scale · (Σ over k x · code)</c>.
/// </summary>
internal static unsafe class MatMulOperation<TSimd, TVec>
    where TSimd : struct, ISimd<TVec>
    where TVec : struct
{
    private const int MaxPackedInputs = 4 << 20;
    private const int MinChunkRows = 96;
    private const int MaxChunkRows = 768;
    private const long ProductsPerThread = 160_000;

    public static void Run(ThreadTeam team, Workspace workspace, Tensor x, MatrixSpan weight, Tensor y, bool accumulate)
    {
        var chunk = Math.Clamp(MaxPackedInputs / weight.Inputs, MinChunkRows, MaxChunkRows);
        var chunks = new TileSplit(x.Rows, chunk);
        for (var i = 0; i < chunks.Tiles; i++)
        {
            var rows = chunks.Height(i);
            Run(team, workspace, x.SliceRows(chunks.FirstRow(i), rows), weight, y.SliceRows(chunks.FirstRow(i), rows), accumulate, rows);
        }
    }

    private static void Run(ThreadTeam team, Workspace workspace, Tensor x, MatrixSpan weight, Tensor y, bool accumulate, int rows)
    {
        var threads = (int)Math.Clamp(
            (long)rows * weight.Inputs * weight.Outputs / ProductsPerThread, 1, Math.Min(team.Size, weight.Strips));
        var split = new TileSplit(rows, TSimd.TileRows);
        var inputs = HostTensorBuffer.Row(x, 0);
        if (rows > 1)
        {
            var packed = workspace.Shared((nint)rows * weight.Inputs);
            var pack = new InputPackJob(inputs, x.Buffer.Columns, weight.Inputs, split, packed);
            team.Run(pack, split.Tiles < 4 ? 1 : threads);
            inputs = packed;
        }

        var job = new MatMulJob<TSimd, TVec>(workspace, weight, inputs, split, HostTensorBuffer.Row(y, 0), y.Buffer.Columns, accumulate);
        team.Run(job, threads);
    }
}
