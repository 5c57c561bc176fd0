using ILGPU;

namespace Dray.Inference.Ilgpu;

/// <summary>A float32 tensor as kernels see it: rows of <see cref="Stride"/> elements, possibly strided and unaligned.</summary>
internal readonly struct DeviceTensor(ArrayView<float> data, int rows, int columns, int stride)
{
    /// <summary>The view's elements from its first one on.</summary>
    public readonly ArrayView<float> Data = data;

    public readonly int Rows = rows;

    public readonly int Columns = columns;

    /// <summary>Distance between rows in elements.</summary>
    public readonly int Stride = stride;

    /// <summary>Gets or sets an element.</summary>
    public float this[int row, int column]
    {
        get => Data[((long)row * Stride) + column];
        set => Data[((long)row * Stride) + column] = value;
    }
}
