namespace Dray.Inference.Compute;

/// <summary>Rows × columns of float32, row-major, in the memory of the backend that allocated it.</summary>
public abstract class TensorBuffer(int rows, int columns) : IDisposable
{
    /// <summary>Gets the number of rows.</summary>
    public int Rows { get; } = rows;

    /// <summary>Gets the number of columns, which is also the distance between rows in elements.</summary>
    public int Columns { get; } = columns;

    /// <summary>Gets the whole buffer as a view.</summary>
    public Tensor View => new(this, 0, 0, Rows, Columns);

    /// <summary>A view of the first <paramref name="rows"/> rows.</summary>
    public Tensor Take(int rows) => View.SliceRows(0, rows);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back.</summary>
    protected abstract void Dispose(bool disposing);
}
