using Dray.Inference.Ilgpu.Weights;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary><c>y[m] = table[ids[m]]</c> from 16- or 32-bit weights, a thread per element.</summary>
internal sealed class GatherEmbedding(Accelerator accelerator)
{
    private readonly Action<AcceleratorStream, KernelConfig, DevicePart, ArrayView<int>, DeviceTensor> _brainFloats =
        accelerator.LoadKernel<DevicePart, ArrayView<int>, DeviceTensor>(Kernel<BrainFloats>, KernelAttribute.BoundsOf(Kernel<BrainFloats>));

    private readonly Action<AcceleratorStream, KernelConfig, DevicePart, ArrayView<int>, DeviceTensor> _floats =
        accelerator.LoadKernel<DevicePart, ArrayView<int>, DeviceTensor>(Kernel<Floats>, KernelAttribute.BoundsOf(Kernel<Floats>));

    public void Run(AcceleratorStream stream, WeightCode code, DevicePart table, ArrayView<int> ids, DeviceTensor y) =>
        (code == WeightCode.BrainFloats ? _brainFloats : _floats)(stream, RowOperation.Elements(y.Rows, y.Columns), table, ids, y);

    [Kernel(MaxThreads = RowOperation.Threads, Traits = KernelTraits.Hot)]
    internal static void Kernel<TCode>(DevicePart table, ArrayView<int> ids, DeviceTensor y)
        where TCode : struct, IWeightCode
    {
        TCode code = default;
        var column = Grid.GlobalIndex.X;
        if (column >= y.Columns) return;
        for (var row = Grid.IdxY; row < y.Rows; row += Grid.DimY)
        {
            var id = ids[row];
            var strip = id / DevicePart.Width;
            var word = ((long)strip * table.WordsPerOutput) + (column / code.PerWord);
            y[row, column] = code.Decode(table.Words[(word * DevicePart.Width) + (id % DevicePart.Width)], column % code.PerWord);
        }
    }
}
