using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Kernels;

/// <summary>Launches kernels that treat the rows of a tensor one by one: a grid of column tiles × rows, in which rows beyond the grid's limit are walked by stride.</summary>
internal static class RowOperation
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    private const int MostRows = 65535;

    /// <summary>A thread per element.</summary>
    public static KernelConfig Elements(int rows, int columns) => new(new Index3D((columns + Threads - 1) / Threads, Math.Min(rows, MostRows), 1), new Index3D(Threads, 1, 1));

    /// <summary>A group per row.</summary>
    public static KernelConfig Rows(int rows) => new(new Index3D(1, Math.Min(rows, MostRows), 1), new Index3D(Threads, 1, 1));
}
