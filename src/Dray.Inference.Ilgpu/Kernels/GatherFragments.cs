using Dray.Inference.Ilgpu.TensorCores;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary><c>y[m] = table[ids[m]]</c> from bf16 weights in fragment order (see <see cref="FragmentLayout"/>), a thread per element.</summary>
internal sealed class GatherFragments(Accelerator accelerator)
{
    private readonly Action<AcceleratorStream, KernelConfig, ArrayView<uint>, int, ArrayView<int>, DeviceTensor> _kernel =
        accelerator.LoadKernel<ArrayView<uint>, int, ArrayView<int>, DeviceTensor>(Kernel, KernelAttribute.BoundsOf(Kernel));

    public void Run(AcceleratorStream stream, TensorCoreMatrix table, ArrayView<int> ids, DeviceTensor y) =>
        _kernel(stream, RowOperation.Elements(y.Rows, y.Columns), table.Words, table.Layout.Blocks, ids, y);

    [Kernel(MaxThreads = RowOperation.Threads, Traits = KernelTraits.Hot)]
    internal static void Kernel(ArrayView<uint> words, int blocks, ArrayView<int> ids, DeviceTensor y)
    {
        var column = Grid.GlobalIndex.X;
        if (column >= y.Columns) return;
        for (var row = Grid.IdxY; row < y.Rows; row += Grid.DimY)
        {
            var id = ids[row];
            var packet = ((((long)(id / 16) * blocks) + (column / TensorCoreKernel.BlockInputs)) * 8) + (column % TensorCoreKernel.BlockInputs / 16);
            var lane = (id % 8 * 4) + (column % 8 / 2);
            var register = (id % 16 / 8) + (column % 16 / 8 * 2);
            var word = words[(packet * 128) + (lane * 4) + register];
            y[row, column] = Interop.IntAsFloat(column % 2 == 0 ? word << 16 : word & 0xFFFF0000u);
        }
    }
}
