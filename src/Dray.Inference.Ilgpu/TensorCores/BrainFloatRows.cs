using Dray.Inference.Ilgpu.Kernels;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>
/// Rounds what a product takes as x to bf16, to nearest even, two to a word; columns from K on are zeros. x is a tensor, or the RMS norm or the
/// SwiGLU of one, which then need no kernel and no float32 tensor of their own: 4 bytes read an element (8 for SwiGLU), 2 written.
/// </summary>
internal sealed class BrainFloatRows(Accelerator accelerator)
{
    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, ArrayView<uint>, int> _plain =
        accelerator.LoadKernel<DeviceTensor, ArrayView<uint>, int>(Plain, KernelAttribute.BoundsOf(Plain));

    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, DeviceTensor, float, ArrayView<uint>, int> _normed =
        accelerator.LoadKernel<DeviceTensor, DeviceTensor, float, ArrayView<uint>, int>(Normed, KernelAttribute.BoundsOf(Normed));

    private readonly Action<AcceleratorStream, KernelConfig, DeviceTensor, ArrayView<uint>, int> _gated =
        accelerator.LoadKernel<DeviceTensor, ArrayView<uint>, int>(Gated, KernelAttribute.BoundsOf(Gated));

    /// <summary>Writes x [M, K], <paramref name="words"/> words a row.</summary>
    public void Run(AcceleratorStream stream, DeviceTensor x, ArrayView<uint> target, int words) =>
        _plain(stream, RowOperation.Elements(x.Rows, words), x, target, words);

    /// <summary>Writes <c>x / sqrt(mean(x²) + epsilon) · gain</c>; the gain is [1, K].</summary>
    public void RunNormed(AcceleratorStream stream, DeviceTensor x, DeviceTensor gain, float epsilon, ArrayView<uint> target, int words) =>
        _normed(stream, RowOperation.Rows(x.Rows), x, gain, epsilon, target, words);

    /// <summary>Writes <c>silu(gate) · up</c> of a tensor [M, 2K].</summary>
    public void RunGated(AcceleratorStream stream, DeviceTensor gateUp, ArrayView<uint> target, int words) =>
        _gated(stream, RowOperation.Elements(gateUp.Rows, words), gateUp, target, words);

    [Kernel(MaxThreads = GroupSum.Threads, Traits = KernelTraits.Hot)]
    internal static void Plain(DeviceTensor x, ArrayView<uint> target, int words)
    {
        var word = Grid.GlobalIndex.X;
        if (word >= words) return;
        var column = word * 2;
        for (var row = Grid.IdxY; row < x.Rows; row += Grid.DimY)
        {
            var low = column < x.Columns ? x[row, column] : 0f;
            var high = column + 1 < x.Columns ? x[row, column + 1] : 0f;
            target[((long)row * words) + word] = Pair(low, high);
        }
    }

    [Kernel(MaxThreads = GroupSum.Threads, Traits = KernelTraits.Hot)]
    internal static void Normed(DeviceTensor x, DeviceTensor gain, float epsilon, ArrayView<uint> target, int words)
    {
        for (var row = Grid.IdxY; row < x.Rows; row += Grid.DimY)
        {
            var scale = RmsNorm.ScaleOf(x, row, epsilon);
            Group.Barrier();
            for (var word = Group.IdxX; word < words; word += GroupSum.Threads)
            {
                var column = word * 2;
                var low = column < x.Columns ? x[row, column] * scale * gain[0, column] : 0f;
                var high = column + 1 < x.Columns ? x[row, column + 1] * scale * gain[0, column + 1] : 0f;
                target[((long)row * words) + word] = Pair(low, high);
            }
        }
    }

    [Kernel(MaxThreads = GroupSum.Threads, Traits = KernelTraits.Hot)]
    internal static void Gated(DeviceTensor gateUp, ArrayView<uint> target, int words)
    {
        var word = Grid.GlobalIndex.X;
        if (word >= words) return;
        var column = word * 2;
        var inputs = gateUp.Columns / 2;
        for (var row = Grid.IdxY; row < gateUp.Rows; row += Grid.DimY)
        {
            var low = column < inputs ? Elementary.Silu(gateUp[row, column]) * gateUp[row, inputs + column] : 0f;
            var high = column + 1 < inputs ? Elementary.Silu(gateUp[row, column + 1]) * gateUp[row, inputs + column + 1] : 0f;
            target[((long)row * words) + word] = Pair(low, high);
        }
    }

    private static uint Pair(float low, float high) => Round(low) | (Round(high) << 16);

    private static uint Round(float value)
    {
        var bits = Interop.FloatAsInt(value);
        return (bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    }
}
