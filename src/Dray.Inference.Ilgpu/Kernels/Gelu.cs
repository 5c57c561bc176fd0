using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary><c>x = gelu(x)</c>, the erf form, in place, a thread per element.</summary>
internal sealed class Gelu(Accelerator accelerator)
{
    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor> _kernel = accelerator.LoadKernel<DeviceTensor>(Kernel, KernelAttribute.BoundsOf(Kernel));

    public void Run(AcceleratorStream stream, DeviceTensor x) => _kernel(stream, RowOperation.Elements(x.Rows, x.Columns), x);

    [Kernel(MaxThreads = RowOperation.Threads, Traits = KernelTraits.Hot)]
    internal static void Kernel(DeviceTensor x)
    {
        var column = Grid.GlobalIndex.X;
        if (column >= x.Columns) return;
        for (var row = Grid.IdxY; row < x.Rows; row += Grid.DimY) x[row, column] = Elementary.Gelu(x[row, column]);
    }
}
