using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary><c>y = x / sqrt(mean(x²) + epsilon) · gain</c>, a group per row: reads x twice (from the cache the second time), writes y once.</summary>
internal sealed class RmsNorm(Accelerator accelerator)
{
    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, DeviceTensor, float, DeviceTensor> _kernel =
        accelerator.LoadKernel<DeviceTensor, DeviceTensor, float, DeviceTensor>(Kernel, KernelAttribute.BoundsOf(Kernel));

    public void Run(AcceleratorStream stream, DeviceTensor x, DeviceTensor gain, float epsilon, DeviceTensor y) =>
        _kernel(stream, RowOperation.Rows(x.Rows), x, gain, epsilon, y);

    [Kernel(MaxThreads = GroupSum.Threads, Traits = KernelTraits.Hot)]
    internal static void Kernel(DeviceTensor x, DeviceTensor gain, float epsilon, DeviceTensor y)
    {
        for (var row = Grid.IdxY; row < x.Rows; row += Grid.DimY)
        {
            var scale = ScaleOf(x, row, epsilon);
            Group.Barrier();
            for (var column = Group.IdxX; column < x.Columns; column += GroupSum.Threads)
                y[row, column] = x[row, column] * scale * gain[0, column];
        }
    }

    /// <summary><c>1 / sqrt(mean(x²) + epsilon)</c> of a row, in all threads of its group; see <see cref="GroupSum.Of"/>.</summary>
    internal static float ScaleOf(DeviceTensor x, int row, float epsilon)
    {
        var squares = 0f;
        for (var column = Group.IdxX; column < x.Columns; column += GroupSum.Threads)
        {
            var value = x[row, column];
            squares += value * value;
        }

        return 1f / MathF.Sqrt((GroupSum.Of(squares) / x.Columns) + epsilon);
    }
}
