using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary><c>y[m] = x[rows[m]]</c> and <c>y[rows[m]] = x[m]</c>, a thread per element.</summary>
internal sealed class CopyRows(Accelerator accelerator)
{
    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, ArrayView<int>, DeviceTensor> _gather =
        accelerator.LoadKernel<DeviceTensor, ArrayView<int>, DeviceTensor>(GatherKernel, KernelAttribute.BoundsOf(GatherKernel));

    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, ArrayView<int>, DeviceTensor> _scatter =
        accelerator.LoadKernel<DeviceTensor, ArrayView<int>, DeviceTensor>(ScatterKernel, KernelAttribute.BoundsOf(ScatterKernel));

    public void Gather(AcceleratorStream stream, DeviceTensor x, ArrayView<int> rows, DeviceTensor y) =>
        _gather(stream, RowOperation.Elements(y.Rows, y.Columns), x, rows, y);

    public void Scatter(AcceleratorStream stream, DeviceTensor x, ArrayView<int> rows, DeviceTensor y) =>
        _scatter(stream, RowOperation.Elements(x.Rows, x.Columns), x, rows, y);

    [Kernel(MaxThreads = RowOperation.Threads, Traits = KernelTraits.Hot)]
    internal static void GatherKernel(DeviceTensor x, ArrayView<int> rows, DeviceTensor y)
    {
        var column = Grid.GlobalIndex.X;
        if (column >= y.Columns) return;
        for (var row = Grid.IdxY; row < y.Rows; row += Grid.DimY) y[row, column] = x[rows[row], column];
    }

    [Kernel(MaxThreads = RowOperation.Threads, Traits = KernelTraits.Hot)]
    internal static void ScatterKernel(DeviceTensor x, ArrayView<int> rows, DeviceTensor y)
    {
        var column = Grid.GlobalIndex.X;
        if (column >= x.Columns) return;
        for (var row = Grid.IdxY; row < x.Rows; row += Grid.DimY) y[rows[row], column] = x[row, column];
    }
}
