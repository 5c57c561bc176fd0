using Dray.Inference.Compute.Cpu;

namespace Dray.Inference.Compute;

/// <summary>A tensor in 64-byte aligned native memory of this process. Both backends that run on the CPU use it.</summary>
internal sealed unsafe class HostTensorBuffer : TensorBuffer
{
    private readonly NativeBlock _block;

    public HostTensorBuffer(int rows, int columns)
        : base(rows, columns) => _block = new NativeBlock(checked((nuint)rows * (nuint)columns * sizeof(float)));

    /// <summary>The first element of a view's row.</summary>
    public static float* Row(Tensor tensor, int row)
    {
        var buffer = (HostTensorBuffer)tensor.Buffer;
        ObjectDisposedException.ThrowIf(buffer._block.Pointer is null, buffer);
        return (float*)buffer._block.Pointer + ((nint)(tensor.FirstRow + row) * buffer.Columns) + tensor.FirstColumn;
    }

    /// <summary>A view's row as a span.</summary>
    public static Span<float> RowSpan(Tensor tensor, int row) => new(Row(tensor, row), tensor.Columns);

    /// <summary>A view of whole rows as one span, row-major.</summary>
    public static Span<float> Span(Tensor tensor)
    {
        if (!tensor.IsContiguous) throw new ArgumentException("The view is of some columns only, so its rows don't follow one another.", nameof(tensor));
        return tensor.Rows == 0 ? default : new(Row(tensor, 0), checked(tensor.Rows * tensor.Columns));
    }

    protected override void Dispose(bool disposing)
    {
        // The block frees itself when it is finalised.
        if (disposing) _block.Dispose();
    }
}
