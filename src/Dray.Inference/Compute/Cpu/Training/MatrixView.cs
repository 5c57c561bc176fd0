namespace Dray.Inference.Compute.Cpu;

/// <summary>A small matrix in memory, whose rows or columns may be those of a larger one.</summary>
/// <param name="data">Its first element.</param>
/// <param name="rowStride">Elements from a row to the next.</param>
/// <param name="columnStride">Elements from a column to the next.</param>
internal readonly unsafe struct MatrixView(float* data, nint rowStride, nint columnStride = 1)
{
    public float* Data => data;

    public nint RowStride => rowStride;

    public nint ColumnStride => columnStride;

    public MatrixView Transposed => new(data, columnStride, rowStride);

    /// <summary>Everything from an element on.</summary>
    public MatrixView From(int row, int column) => new(data + (row * rowStride) + (column * columnStride), rowStride, columnStride);
}
