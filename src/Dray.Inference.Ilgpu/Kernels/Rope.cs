using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary>Rotary position embedding in place, half-split, a thread per pair of numbers.</summary>
internal sealed class Rope(Accelerator accelerator)
{
    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, int, DeviceTensor, DeviceTensor> _kernel =
        accelerator.LoadKernel<DeviceTensor, int, DeviceTensor, DeviceTensor>(Kernel);

    public void Run(AcceleratorStream stream, DeviceTensor x, int headDim, DeviceTensor cos, DeviceTensor sin) =>
        _kernel(stream, RowOperation.Elements(x.Rows, x.Columns / 2), x, headDim / 2, cos, sin);

    internal static void Kernel(DeviceTensor x, int half, DeviceTensor cos, DeviceTensor sin)
    {
        var pair = Grid.GlobalIndex.X;
        if (pair >= x.Columns / 2) return;
        var turn = pair % half;
        var first = (pair / half * half * 2) + turn;
        for (var row = Grid.IdxY; row < x.Rows; row += Grid.DimY)
        {
            var (a, b) = (x[row, first], x[row, first + half]);
            var (c, s) = (cos[row, turn], sin[row, turn]);
            x[row, first] = (a * c) - (b * s);
            x[row, first + half] = (b * c) + (a * s);
        }
    }
}
