using Dray.Inference.Compute;

namespace Dray.Inference.Models;

/// <summary>An intermediate tensor that is reused from pass to pass and grows when a pass has more rows than any before.</summary>
internal sealed class Workspace(IComputeBackend backend, int columns) : IDisposable
{
    private TensorBuffer? buffer;

    /// <summary>A view of <paramref name="rows"/> rows; what they held before is gone.</summary>
    public Tensor Take(int rows)
    {
        if (buffer is null || buffer.Rows < rows)
        {
            buffer?.Dispose();
            buffer = backend.Allocate(rows, columns);
        }

        return buffer.Take(rows);
    }

    public void Dispose() => buffer?.Dispose();
}
