using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary><c>y = silu(gate) · up</c>, a thread per element.</summary>
internal sealed class SwiGlu(Accelerator accelerator)
{
    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, DeviceTensor> _kernel = accelerator.LoadKernel<DeviceTensor, DeviceTensor>(Kernel, KernelAttribute.BoundsOf(Kernel));

    public void Run(AcceleratorStream stream, DeviceTensor gateUp, DeviceTensor y) =>
        _kernel(stream, RowOperation.Elements(y.Rows, y.Columns), gateUp, y);

    [Kernel(MaxThreads = RowOperation.Threads, Traits = KernelTraits.Hot)]
    internal static void Kernel(DeviceTensor gateUp, DeviceTensor y)
    {
        var column = Grid.GlobalIndex.X;
        if (column >= y.Columns) return;
        for (var row = Grid.IdxY; row < y.Rows; row += Grid.DimY)
            y[row, column] = Elementary.Silu(gateUp[row, column]) * gateUp[row, y.Columns + column];
    }
}
