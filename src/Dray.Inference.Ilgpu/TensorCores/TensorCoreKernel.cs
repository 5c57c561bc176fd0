using System.Reflection;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>
/// <c>y[M, N] (+)= x[M, K] · Wᵀ</c> with mma.sync m16n8k16: weights are the A operand and go from memory to registers, each used by one
/// warp; x, bf16, is the B operand and comes through a ring of cp.async stages in shared memory.
/// </summary>
/// <remarks>
/// <code>
/// group: 8 warps = 256 outputs × 8·octets rows        warp: 2 strips of 16 outputs × all rows of the tile
/// stage: 128 inputs of x, a row = 16 packets of 8 inputs, packet p of row r at p ^ (r &amp; 7)
/// </code>
/// The inputs are divided into segments by the shape of W alone. A sum goes over the blocks of a segment in order, then over the segments in
/// order, whatever the tile, so the bits of a row do not depend on M. 4-bit sums are kept in units of the current group's scale and are
/// multiplied by the ratio of scales where the group ends: weights enter exactly, and no second set of sums is needed.
/// Per weight 0.5 bytes, and 2·M flops.
/// </remarks>
internal static class TensorCoreKernel
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>Outputs of a group.</summary>
    public const int TileOutputs = 256;

    /// <summary>Inputs of a block.</summary>
    public const int BlockInputs = 128;

    /// <summary>Row tiles that share their weights in the L2 cache at a time.</summary>
    private const int Raster = 16;

    private const KernelTraits Traits = KernelTraits.Hot | KernelTraits.TensorCores | KernelTraits.AsyncCopies | KernelTraits.MatrixLoads | KernelTraits.VectorLoads;

    /// <summary>The kernel. Grid: tiles by segments (one if the tile has totals).</summary>
    [Kernel(TypeArguments = [typeof(Rows8), typeof(CoarseNibbles)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows16), typeof(CoarseNibbles)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows32), typeof(CoarseNibbles)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows64), typeof(CoarseNibbles)], MaxThreads = Threads, MinGroups = 1, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows64Segments), typeof(CoarseNibbles)], MaxThreads = Threads, MinGroups = 1, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows8), typeof(FineNibbles)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows16), typeof(FineNibbles)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows32), typeof(FineNibbles)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows64), typeof(FineNibbles)], MaxThreads = Threads, MinGroups = 1, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows64Segments), typeof(FineNibbles)], MaxThreads = Threads, MinGroups = 1, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows8), typeof(DenseWeights)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows16), typeof(DenseWeights)], MaxThreads = Threads, MinGroups = 2, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows32), typeof(DenseWeights)], MaxThreads = Threads, MinGroups = 1, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows64), typeof(DenseWeights)], MaxThreads = Threads, MinGroups = 1, Traits = Traits)]
    [Kernel(TypeArguments = [typeof(Rows32Segments), typeof(DenseWeights)], MaxThreads = Threads, MinGroups = 1, Traits = Traits)]
    public static void Run<TTile, TWeights>(MatMulCall call, ArrayView<int> counters)
        where TTile : struct, IRowTile
        where TWeights : struct, IWeightStream
    {
        TTile tile = default;
        TWeights weights = default;
        tile.Declare();
        CudaAsm.Emit(StepText.Declare);
        weights.Declare();

        var outputTiles = (call.Outputs + TileOutputs - 1) / TileOutputs;
        var (rowTile, outputTile) = TileOf(outputTiles, call.Rows, tile.Octets * 8);
        var lane = Group.IdxX & 31;
        var warp = Group.IdxX >> 5;
        var firstRow = rowTile * tile.Octets * 8;
        var first = tile.HasTotals ? 0 : Grid.IdxY * call.SegmentBlocks;
        var last = tile.HasTotals ? call.Blocks : IntrinsicMath.Min(first + call.SegmentBlocks, call.Blocks);

        // The warp's strips of weights and scales; block b lies b blocks on.
        var strip = (outputTile * (TileOutputs / 16)) + (warp * 2);
        var weights0 = call.Weights + ((((long)strip * call.Blocks) + first) * weights.BlockBytes) + (lane * 16);
        var weights1 = weights0 + ((long)call.Blocks * weights.BlockBytes);
        var scales0 = call.Scales + ((((long)strip * call.Blocks) + first) * weights.ScaleBytes) + ((lane >> 2) * weights.ScaleLaneBytes);
        var scales1 = scales0 + ((long)call.Blocks * weights.ScaleBytes);

        // The thread's packet of a stage of x; its others are 16 rows further each.
        var packetRow = Group.IdxX >> 4;
        var packet = Group.IdxX & 15;
        var rowBytes = (long)call.Blocks * (BlockInputs * 2);
        var source = call.X + ((firstRow + packetRow) * rowBytes) + ((long)first * (BlockInputs * 2)) + (packet * 16);
        var target = (packetRow * 256) + ((packet ^ (packetRow & 7)) << 4);

        // The lane's address in a stage for ldmatrix: row lane & 7, packets 0..3 by lane / 8.
        var fragment = ((lane & 7) * 256) + (((lane >> 3) ^ (lane & 7)) << 4);

        tile.Clear();
        tile.ClearTotal();
        weights.Start(0, weights0, weights1);
        weights.StartScales(0, scales0, scales1);
        if (weights.BlocksAhead(tile.Octets) == 2 && first + 1 < last)
        {
            weights.Start(1, weights0 + weights.BlockBytes, weights1 + weights.BlockBytes);
            weights.StartScales(1, scales0 + weights.ScaleBytes, scales1 + weights.ScaleBytes);
        }

        for (var stage = 0; stage < tile.Stages - 1; stage++)
        {
            if (first + stage < last)
                CopyStage<TTile>(target + (stage * tile.Octets * 2048), source + (stage * 256), rowBytes, firstRow + packetRow, call.Rows);
            CudaAsm.Emit("cp.async.commit_group;");
        }

        var reading = 0;
        var writing = tile.Stages - 1;
        var left = call.SegmentBlocks;
        for (var block = first; block < last; block++)
        {
            if (tile.Stages == 4) CudaAsm.Emit("cp.async.wait_group 2;");
            else CudaAsm.Emit("cp.async.wait_group 1;");
            Group.Barrier();
            if (block + tile.Stages - 1 < last)
                CopyStage<TTile>(target + (writing * tile.Octets * 2048), source + ((tile.Stages - 1) * 256), rowBytes, firstRow + packetRow, call.Rows);
            CudaAsm.Emit("cp.async.commit_group;");
            source += 256;
            var address = fragment + (reading * tile.Octets * 2048);
            if (weights.BlocksAhead(tile.Octets) == 1 || ((block - first) & 1) == 0)
                Block<TTile, TWeights>(0, last - block, address, weights0, weights1, scales0, scales1);
            else
                Block<TTile, TWeights>(1, last - block, address, weights0, weights1, scales0, scales1);
            weights0 += weights.BlockBytes;
            weights1 += weights.BlockBytes;
            scales0 += weights.ScaleBytes;
            scales1 += weights.ScaleBytes;
            reading = reading == tile.Stages - 1 ? 0 : reading + 1;
            writing = writing == tile.Stages - 1 ? 0 : writing + 1;
            left--;
            if (tile.HasTotals && (left == 0 || block == last - 1))
            {
                EndSegment<TTile, TWeights>();
                tile.AddTotal();
                tile.Clear();
                left = call.SegmentBlocks;
            }
        }

        if (!tile.HasTotals) EndSegment<TTile, TWeights>();
        var row = firstRow + ((lane & 3) * 2);
        var output = (outputTile * TileOutputs) + (warp * 32) + (lane >> 2);
        var y = call.Y + (row * call.RowBytes) + ((long)output * 4);
        if (tile.HasTotals || Grid.DimY == 1)
        {
            for (var octet = 0; octet < tile.Octets; octet++)
            {
                tile.Export(octet);
                CudaAsm.Emit(StepText.Store, y + (octet * 8 * call.RowBytes), row + (octet * 8), call.Rows, output, call.Outputs, call.RowBytes, call.Accumulate);
            }

            return;
        }

        AddSegments<TTile>(call, counters, rowTile, outputTile, row, output, y);
    }

    /// <summary>The launch bounds of a tile and kind of weights.</summary>
    public static KernelSpecialization BoundsOf(MethodInfo kernel) =>
        kernel.GetCustomAttributes<KernelAttribute>().Single(mark => mark.TypeArguments.SequenceEqual(kernel.GetGenericArguments())).Bounds;

    private static void CopyStage<TTile>(int target, long source, long rowBytes, int row, int rows)
        where TTile : struct, IRowTile
    {
        TTile tile = default;
        if (tile.Octets == 1)
        {
            if (Group.IdxX < 128) Copy(target, source, 0, row, rows);
        }
        else
        {
            Copy(target, source, 0, row, rows);
            if (tile.Octets >= 4) Copy(target + 4096, source, 16 * rowBytes, row + 16, rows);
            if (tile.Octets >= 8)
            {
                Copy(target + 8192, source, 32 * rowBytes, row + 32, rows);
                Copy(target + 12288, source, 48 * rowBytes, row + 48, rows);
            }
        }
    }

    // A row beyond the last one is zeros; nothing is read for it.
    private static void Copy(int target, long source, long offset, int row, int rows) =>
        CudaAsm.Emit(StepText.Copy, target, source + offset, row < rows ? 16 : 0);

    private static void Block<TTile, TWeights>(int parity, int blocksLeft, int address, long weights0, long weights1, long scales0, long scales1)
        where TTile : struct, IRowTile
        where TWeights : struct, IWeightStream
    {
        Step<TTile, TWeights>(parity, 0, blocksLeft, address, weights0, weights1, scales0, scales1);
        Step<TTile, TWeights>(parity, 1, blocksLeft, address ^ 64, weights0, weights1, scales0, scales1);
        Step<TTile, TWeights>(parity, 2, blocksLeft, address ^ 128, weights0, weights1, scales0, scales1);
        Step<TTile, TWeights>(parity, 3, blocksLeft, address ^ 192, weights0, weights1, scales0, scales1);
    }

    private static void Step<TTile, TWeights>(
        int parity, int step, int blocksLeft, int address, long weights0, long weights1, long scales0, long scales1)
        where TTile : struct, IRowTile
        where TWeights : struct, IWeightStream
    {
        TTile tile = default;
        TWeights weights = default;
        if (weights.HasScale(step))
        {
            weights.Scale(parity, step);
            tile.Rescale();
        }

        if (weights.EndsScales(step) && blocksLeft > weights.BlocksAhead(tile.Octets))
            weights.StartScales(parity, scales0 + (weights.BlocksAhead(tile.Octets) * weights.ScaleBytes), scales1 + (weights.BlocksAhead(tile.Octets) * weights.ScaleBytes));
        weights.Select(parity, step);
        if (weights.Reloads(step))
        {
            // The step that the freed registers serve next: its place in its block is what Reload counts from.
            var ahead = step + weights.Ahead(weights.BlocksAhead(tile.Octets));
            var next = ahead & 3;
            var blocksOn = ahead >> 2;
            if (blocksLeft > blocksOn) weights.Reload(parity, next, weights0 + (blocksOn * weights.BlockBytes), weights1 + (blocksOn * weights.BlockBytes));
        }

        weights.Unpack();
        tile.Multiply(address);
    }

    private static void EndSegment<TTile, TWeights>()
        where TTile : struct, IRowTile
        where TWeights : struct, IWeightStream
    {
        TTile tile = default;
        TWeights weights = default;
        if (weights.ScaleBytes == 0) return;
        weights.LastScale();
        tile.Rescale();
    }

    // The group that is done last adds the segments of its tile up in order.
    private static void AddSegments<TTile>(MatMulCall call, ArrayView<int> counters, int rowTile, int outputTile, int row, int output, long y)
        where TTile : struct, IRowTile
    {
        TTile tile = default;
        var outputTiles = (call.Outputs + TileOutputs - 1) / TileOutputs;
        var index = (rowTile * outputTiles) + outputTile;
        var segmentBytes = (long)tile.Octets * 8192;
        var kept = call.Partials + ((long)index * Grid.DimY * segmentBytes) + (Group.IdxX * 16);
        for (var octet = 0; octet < tile.Octets; octet++)
        {
            tile.Export(octet);
            CudaAsm.Emit(StepText.Keep, kept + (Grid.IdxY * segmentBytes) + (octet * 8192), row + (octet * 8), call.Rows);
        }

        MemoryFence.DeviceLevel();
        Group.Barrier();
        var isLast = false;
        if (Group.IdxX == 0)
        {
            isLast = Atomic.Add(ref counters[index], 1) == Grid.DimY - 1;
            if (isLast) Atomic.Exchange(ref counters[index], 0);
        }

        if (!Group.BarrierOr(isLast)) return;
        MemoryFence.DeviceLevel();
        for (var octet = 0; octet < tile.Octets; octet++)
        {
            if (row + (octet * 8) >= call.Rows) return;
            CudaAsm.Emit(StepText.Begin);
            for (var segment = 0; segment < Grid.DimY; segment++)
                CudaAsm.Emit(StepText.Add, kept + (segment * segmentBytes) + (octet * 8192));
            CudaAsm.Emit(StepText.Store, y + (octet * 8 * call.RowBytes), row + (octet * 8), call.Rows, output, call.Outputs, call.RowBytes, call.Accumulate);
        }
    }

    private static (int Rows, int Outputs) TileOf(int outputTiles, int rows, int tileRows)
    {
        var rowTiles = (rows + tileRows - 1) / tileRows;
        var perBand = Raster * outputTiles;
        var band = Grid.IdxX / perBand;
        var within = Grid.IdxX - (band * perBand);
        var bandRows = IntrinsicMath.Min(rowTiles - (band * Raster), Raster);
        var output = within / bandRows;
        return ((band * Raster) + within - (output * bandRows), output);
    }
}
