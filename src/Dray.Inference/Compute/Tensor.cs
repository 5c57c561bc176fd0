namespace Dray.Inference.Compute;

/// <summary>A view of float32 rows and columns in a backend-owned buffer. Cheap to slice, never owns memory.</summary>
/// <param name="Buffer">The buffer looked at.</param>
/// <param name="FirstRow">First row of the view in the buffer.</param>
/// <param name="FirstColumn">First column of the view in the buffer.</param>
/// <param name="Rows">Rows of the view.</param>
/// <param name="Columns">Columns of the view; the distance between rows is the buffer's <see cref="TensorBuffer.Columns"/>.</param>
public readonly record struct Tensor(TensorBuffer Buffer, int FirstRow, int FirstColumn, int Rows, int Columns)
{
    /// <summary>Gets whether the rows follow each other without a gap.</summary>
    public bool IsContiguous => Columns == Buffer.Columns || Rows <= 1;

    /// <summary>A view of <paramref name="count"/> rows from <paramref name="first"/>.</summary>
    public Tensor SliceRows(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(first + count), (uint)Rows, nameof(count));
        return this with { FirstRow = FirstRow + first, Rows = count };
    }

    /// <summary>A view of <paramref name="count"/> columns from <paramref name="first"/>.</summary>
    public Tensor SliceColumns(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)(first + count), (uint)Columns, nameof(count));
        return this with { FirstColumn = FirstColumn + first, Columns = count };
    }
}
