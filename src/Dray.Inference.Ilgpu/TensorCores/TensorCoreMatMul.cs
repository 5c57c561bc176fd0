using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>
/// <c>y[M, N] (+)= x[M, K] · Wᵀ</c> on tensor cores (NVIDIA, compute capability 8.0 and up): x is rounded to bf16, weights enter exactly, sums
/// are float32. A row's bits do not depend on M. Two launches.
/// </summary>
internal sealed class TensorCoreMatMul : IDisposable
{
    private readonly Accelerator _accelerator;
    private readonly BrainFloatRows _rows;
    private readonly Dictionary<(int Octets, bool HasTotals, FragmentKind Kind), Action<AcceleratorStream, KernelConfig, MatMulCall, ArrayView<int>>> _kernels = [];
    private MemoryBuffer1D<uint, Stride1D.Dense> _x;
    private MemoryBuffer1D<uint, Stride1D.Dense> _partials;
    private MemoryBuffer1D<int, Stride1D.Dense> _counters;

    public TensorCoreMatMul(Accelerator accelerator)
    {
        _accelerator = accelerator;
        _rows = new BrainFloatRows(accelerator);
        _x = accelerator.Allocate1D<uint>(4);
        _partials = accelerator.Allocate1D<uint>(4);
        _counters = accelerator.Allocate1D<int>(1);
        _counters.MemSetToZero();
        Load<CoarseNibbles, Rows64Segments>(FragmentKind.CoarseNibbles, 8);
        Load<FineNibbles, Rows64Segments>(FragmentKind.FineNibbles, 8);
        Load<DenseWeights, Rows32Segments>(FragmentKind.Dense, 4);
    }

    /// <summary>
    /// Makes room for products of a matrix with up to <paramref name="rows"/> rows (64 at least). Call it at load, with nothing in flight; more rows
    /// than that run in pieces.
    /// </summary>
    public void Reserve(FragmentLayout layout, int rows)
    {
        rows = Math.Max(rows, 64);
        Grow(ref _x, (long)rows * Words(layout));
        var partials = 0L;
        var counters = 0;
        for (var piece = 8; piece < rows + 64; piece = piece < 64 ? piece * 2 : piece + 64)
        {
            var plan = MatMulPlan.For(layout, Math.Min(piece, rows));
            partials = Math.Max(partials, plan.PartialBytes);
            if (plan.Segments > 1) counters = Math.Max(counters, plan.Tiles);
        }

        Grow(ref _partials, partials / sizeof(uint));
        if (Grow(ref _counters, counters)) _counters.MemSetToZero();
    }

    /// <summary>Launches <c>y (+)= x · Wᵀ</c>.</summary>
    public void Run(AcceleratorStream stream, DeviceTensor x, TensorCoreMatrix w, DeviceTensor y, bool accumulate)
    {
        for (var first = 0; first < x.Rows;)
        {
            var rows = Piece(w.Layout, x.Rows - first);
            _rows.Run(stream, Rows(x, first, rows), _x.View, Words(w.Layout));
            Multiply(stream, w, Rows(y, first, rows), accumulate);
            first += rows;
        }
    }

    /// <summary>Launches <c>y (+)= RmsNorm(x) · Wᵀ</c>; the gain is [1, K].</summary>
    public void RunNormed(AcceleratorStream stream, DeviceTensor x, DeviceTensor gain, float epsilon, TensorCoreMatrix w, DeviceTensor y, bool accumulate)
    {
        for (var first = 0; first < x.Rows;)
        {
            var rows = Piece(w.Layout, x.Rows - first);
            _rows.RunNormed(stream, Rows(x, first, rows), gain, epsilon, _x.View, Words(w.Layout));
            Multiply(stream, w, Rows(y, first, rows), accumulate);
            first += rows;
        }
    }

    /// <summary>Launches <c>y (+)= (silu(gate) · up) · Wᵀ</c> of a tensor [M, 2K].</summary>
    public void RunGated(AcceleratorStream stream, DeviceTensor gateUp, TensorCoreMatrix w, DeviceTensor y, bool accumulate)
    {
        for (var first = 0; first < gateUp.Rows;)
        {
            var rows = Piece(w.Layout, gateUp.Rows - first);
            _rows.RunGated(stream, Rows(gateUp, first, rows), _x.View, Words(w.Layout));
            Multiply(stream, w, Rows(y, first, rows), accumulate);
            first += rows;
        }
    }

    public void Dispose()
    {
        _x.Dispose();
        _partials.Dispose();
        _counters.Dispose();
    }

    private static int Words(FragmentLayout layout) => layout.Blocks * (TensorCoreKernel.BlockInputs / 2);

    private int Piece(FragmentLayout layout, int rows)
    {
        var reserved = _x.Length / Words(layout);
        if (reserved < 64) throw new InvalidOperationException($"No work space for {layout.Inputs} inputs; call Reserve with the layout of every matrix at load.");
        return (int)Math.Min(rows, reserved);
    }

    private void Multiply(AcceleratorStream stream, TensorCoreMatrix w, DeviceTensor y, bool accumulate)
    {
        var plan = MatMulPlan.For(w.Layout, y.Rows);
        var call = new MatMulCall
        {
            X = _x.NativePtr,
            Weights = w.Weights,
            Scales = w.Scales,
            Y = AddressOf(y),
            Partials = _partials.NativePtr,
            RowBytes = (long)y.Stride * sizeof(float),
            Rows = y.Rows,
            Outputs = w.Layout.Outputs,
            Blocks = w.Layout.Blocks,
            SegmentBlocks = w.Layout.SegmentBlocks,
            Accumulate = accumulate ? 1 : 0,
        };
        var grid = new Index3D(plan.Tiles, plan.Segments, 1);
        _kernels[(plan.Octets, plan.HasTotals, w.Layout.Kind)](stream, new KernelConfig(grid, new Index3D(TensorCoreKernel.Threads, 1, 1)), call, _counters.View);
    }

    private static unsafe long AddressOf(DeviceTensor tensor) => (long)Unsafe.AsPointer(ref tensor.Data[0]);

    private static DeviceTensor Rows(DeviceTensor tensor, int first, int rows) =>
        rows == tensor.Rows ? tensor : new DeviceTensor(tensor.Data.SubView((long)first * tensor.Stride), rows, tensor.Columns, tensor.Stride);

    private bool Grow<T>(ref MemoryBuffer1D<T, Stride1D.Dense> buffer, long length)
        where T : unmanaged
    {
        if (buffer.Length >= length) return false;
        buffer.Dispose();
        buffer = _accelerator.Allocate1D<T>(length);
        return true;
    }

    private void Load<TWeights, TTotals>(FragmentKind kind, int totalsOctets)
        where TWeights : struct, IWeightStream
        where TTotals : struct, IRowTile
    {
        _kernels[(1, false, kind)] = Kernel(TensorCoreKernel.Run<Rows8, TWeights>);
        _kernels[(2, false, kind)] = Kernel(TensorCoreKernel.Run<Rows16, TWeights>);
        _kernels[(4, false, kind)] = Kernel(TensorCoreKernel.Run<Rows32, TWeights>);
        _kernels[(8, false, kind)] = Kernel(TensorCoreKernel.Run<Rows64, TWeights>);
        _kernels[(totalsOctets, true, kind)] = Kernel(TensorCoreKernel.Run<TTotals, TWeights>);
    }

    // Loaded when first used.
    private Action<AcceleratorStream, KernelConfig, MatMulCall, ArrayView<int>> Kernel(Action<MatMulCall, ArrayView<int>> kernel)
    {
        var loaded = new Lazy<Action<AcceleratorStream, KernelConfig, MatMulCall, ArrayView<int>>>(
            () => _accelerator.LoadKernel(kernel, TensorCoreKernel.BoundsOf(kernel.Method)));
        return (stream, config, call, counters) => loaded.Value(stream, config, call, counters);
    }
}
