using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>
/// Rows of logits [count, vocabulary], where the backend has them if that is the host's memory, else a copy. Valid until the model's next run or
/// logits. Several threads may read at once.
/// </summary>
public sealed class LogitRows
{
    private Tensor _rows;
    private float[]? _copy;

    /// <summary>Gets the number of rows.</summary>
    public int Count => _rows.Rows;

    /// <summary>A row.</summary>
    public ReadOnlySpan<float> this[int row]
    {
        get
        {
            TensorGuard.HasRow(row, Count, nameof(row));
            return _rows.Buffer is HostTensorBuffer ? HostTensorBuffer.RowSpan(_rows, row) : _copy.AsSpan(row * _rows.Columns, _rows.Columns);
        }
    }

    /// <summary>Takes rows that a backend has issued.</summary>
    internal void Take(IComputeBackend backend, Tensor rows)
    {
        _rows = rows;
        if (rows.Buffer is HostTensorBuffer) return;
        if (_copy is null || _copy.Length < rows.Rows * rows.Columns) _copy = new float[rows.Rows * rows.Columns];
        backend.Download(rows, _copy.AsSpan(0, rows.Rows * rows.Columns));
    }
}
