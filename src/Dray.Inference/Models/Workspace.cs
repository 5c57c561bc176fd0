using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>An intermediate tensor that is reused from pass to pass and grows when a pass has more rows than any before.</summary>
internal sealed class Workspace(IComputeBackend backend, int columns) : IDisposable
{
    private TensorBuffer? _buffer;

    /// <summary>A view of <paramref name="rows"/> rows; what they held before is gone.</summary>
    public Tensor Take(int rows)
    {
        if (_buffer is null || _buffer.Rows < rows)
        {
            _buffer?.Dispose();
            _buffer = backend.Allocate(rows, columns);
        }

        return _buffer.Take(rows);
    }

    public void Dispose() => _buffer?.Dispose();
}
