using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>Rounds rows of x to bf16, to nearest even, two to a word; columns from K on are zeros. Reads 4 bytes of x an element and writes 2.</summary>
internal sealed class RoundToBrainFloat(Accelerator accelerator)
{
    private const int Threads = 256;

    private const int MostRows = 65535;

    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, ArrayView<uint>, int> _kernel =
        accelerator.LoadKernel<DeviceTensor, ArrayView<uint>, int>(Kernel);

    /// <summary>Writes <paramref name="words"/> words a row.</summary>
    public void Run(AcceleratorStream stream, DeviceTensor x, ArrayView<uint> target, int words) =>
        _kernel(stream, new KernelConfig(new Index3D((words + Threads - 1) / Threads, Math.Min(x.Rows, MostRows), 1), new Index3D(Threads, 1, 1)), x, target, words);

    internal static void Kernel(DeviceTensor x, ArrayView<uint> target, int words)
    {
        var word = Grid.GlobalIndex.X;
        if (word >= words) return;
        for (var row = Grid.IdxY; row < x.Rows; row += Grid.DimY)
        {
            var column = word * 2;
            var low = column < x.Columns ? Round(x[row, column]) : 0u;
            var high = column + 1 < x.Columns ? Round(x[row, column + 1]) : 0u;
            target[((long)row * words) + word] = low | (high << 16);
        }
    }

    private static uint Round(float value)
    {
        var bits = Interop.FloatAsInt(value);
        return (bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    }
}
