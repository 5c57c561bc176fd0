using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Sampling;

/// <summary>
/// <see cref="IComputeBackend.ReduceLogits"/> in two launches: a group per slice of a row finds the slice's greatest logits and its sum of
/// exponentials, then a group per row merges those. Reads each logit twice, the second time from the cache; 520 bytes a row reach the host
/// instead of 4 per token. The order of every sum depends on the vocabulary only.
/// </summary>
internal sealed class LogitReduction(Accelerator accelerator) : IDisposable
{
    /// <summary>Keys of a row's result, and the bits of its sum after them.</summary>
    private const int ResultLength = TopLogits.MostCount + 1;

    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, ArrayView<ulong>, ArrayView<float>> _slices =
        accelerator.LoadKernel<DeviceTensor, ArrayView<ulong>, ArrayView<float>>(SliceKernel, KernelAttribute.BoundsOf(SliceKernel));

    private readonly Action<AcceleratorStream, KernelConfig, int, int, ArrayView<ulong>, ArrayView<float>, ArrayView<ulong>> _merge =
        accelerator.LoadKernel<int, int, ArrayView<ulong>, ArrayView<float>, ArrayView<ulong>>(MergeKernel, KernelAttribute.BoundsOf(MergeKernel));

    private MemoryBuffer1D<ulong, Stride1D.Dense>? _keys;
    private MemoryBuffer1D<float, Stride1D.Dense>? _sums;
    private MemoryBuffer1D<ulong, Stride1D.Dense>? _results;
    private ulong[] _host = [];

    public void Run(AcceleratorStream stream, DeviceTensor logits, TopLogits result)
    {
        result.Reset(logits.Rows, logits.Columns);
        if (logits.Rows == 0) return;
        var slices = Slices(logits.Columns);
        Reserve(stream, logits.Rows, slices);
        var (keys, sums, results) = (_keys!.View.AsContiguous(), _sums!.View.AsContiguous(), _results!.View.AsContiguous());
        var rows = Math.Min(logits.Rows, ushort.MaxValue);
        _slices(stream, new KernelConfig(new Index3D(slices, rows, 1), new Index3D(BitonicTop.Threads, 1, 1)), logits, keys, sums);
        _merge(stream, new KernelConfig(new Index3D(1, rows, 1), new Index3D(BitonicTop.Threads, 1, 1)), logits.Rows, slices, keys, sums, results);
        var host = _host.AsSpan(0, logits.Rows * ResultLength);
        results.SubView(0, host.Length).CopyToCPU(stream, host);
        stream.Synchronize();
        for (var row = 0; row < logits.Rows; row++) Read(host.Slice(row * ResultLength, ResultLength), result, row);
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _sums?.Dispose();
        _results?.Dispose();
    }

    [Kernel(MaxThreads = BitonicTop.Threads, Traits = KernelTraits.Hot)]
    internal static void SliceKernel(DeviceTensor logits, ArrayView<ulong> keys, ArrayView<float> sums)
    {
        var shared = SharedMemory.Allocate<ulong>(BitonicTop.Keys);
        var first = Grid.IdxX * BitonicTop.Keys;
        for (var row = Grid.IdxY; row < logits.Rows; row += Grid.DimY)
        {
            for (var i = Group.IdxX; i < BitonicTop.Keys; i += BitonicTop.Threads)
                shared[i] = first + i < logits.Columns ? LogitKey.Of(logits[row, first + i], first + i) : 0;
            Group.Barrier();
            BitonicTop.SortRuns(shared);
            BitonicTop.Merge(shared);

            var greatest = LogitKey.Logit(shared[0]);
            var sum = 0f;
            for (var i = Group.IdxX; i < BitonicTop.Keys && first + i < logits.Columns; i += BitonicTop.Threads)
                sum += greatest == float.NegativeInfinity ? 0f : Elementary.Exp(logits[row, first + i] - greatest);
            sum = GroupSum.Of(sum);
            var slice = (row * Grid.DimX) + Grid.IdxX;
            if (Group.IdxX == 0) sums[slice] = sum;
            if (Group.IdxX < BitonicTop.Run) keys[((long)slice * BitonicTop.Run) + Group.IdxX] = shared[Group.IdxX];
            Group.Barrier();
        }
    }

    [Kernel(MaxThreads = BitonicTop.Threads, Traits = KernelTraits.Hot)]
    internal static void MergeKernel(int rows, int slices, ArrayView<ulong> keys, ArrayView<float> sums, ArrayView<ulong> results)
    {
        const int MostRuns = BitonicTop.Keys / BitonicTop.Run;
        var shared = SharedMemory.Allocate<ulong>(BitonicTop.Keys);
        for (var row = Grid.IdxY; row < rows; row += Grid.DimY)
        {
            for (var taken = 0; taken < slices;)
            {
                // The first run keeps what the slices before gave.
                var kept = taken == 0 ? 0 : 1;
                for (var i = Group.IdxX + (kept * BitonicTop.Run); i < BitonicTop.Keys; i += BitonicTop.Threads)
                {
                    var (run, place) = (i / BitonicTop.Run, i % BitonicTop.Run);
                    var slice = taken + run - kept;
                    var key = slice < slices ? keys[((((long)row * slices) + slice) * BitonicTop.Run) + place] : 0;
                    shared[(run & 1) == 0 ? i : (run * BitonicTop.Run) + (BitonicTop.Run - 1 - place)] = key;
                }

                Group.Barrier();
                BitonicTop.Merge(shared);
                taken += MostRuns - kept;
            }

            var greatest = LogitKey.Logit(shared[0]);
            var sum = 0f;
            for (var slice = Group.IdxX; slice < slices; slice += BitonicTop.Threads)
            {
                var at = ((long)row * slices) + slice;
                sum += sums[at] * Elementary.Exp(LogitKey.Logit(keys[at * BitonicTop.Run]) - greatest);
            }

            sum = GroupSum.Of(sum);
            if (Group.IdxX == 0) results[((long)row * ResultLength) + TopLogits.MostCount] = Interop.FloatAsInt(sum);
            if (Group.IdxX < BitonicTop.Run) results[((long)row * ResultLength) + Group.IdxX] = shared[Group.IdxX];
            Group.Barrier();
        }
    }

    private static int Slices(int vocabulary) => (vocabulary + BitonicTop.Keys - 1) / BitonicTop.Keys;

    private static void Read(ReadOnlySpan<ulong> keys, TopLogits result, int row)
    {
        var ids = result.RowIds(row);
        var values = result.RowValues(row);
        for (var i = 0; i < ids.Length; i++) (ids[i], values[i]) = (LogitKey.Id(keys[i]), LogitKey.Logit(keys[i]));
        result.Sums[row] = BitConverter.UInt32BitsToSingle((uint)keys[TopLogits.MostCount]);
    }

    private void Reserve(AcceleratorStream stream, int rows, int slices)
    {
        var (lists, results) = ((long)rows * slices, (long)rows * ResultLength);
        if (_sums?.Length >= lists && _results?.Length >= results) return;
        stream.Synchronize();
        Dispose();
        _keys = accelerator.Allocate1D<ulong>(lists * BitonicTop.Run);
        _sums = accelerator.Allocate1D<float>(lists);
        _results = accelerator.Allocate1D<ulong>(results);
        _host = new ulong[results];
    }
}
