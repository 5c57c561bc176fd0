using System.Runtime.InteropServices;

namespace Dray.Inference.Compute;

/// <summary>A tensor in 64-byte aligned native memory of this process. Both backends that run on the CPU use it.</summary>
internal sealed unsafe class HostTensorBuffer : TensorBuffer
{
    private const int Alignment = 64;
    private float* _data;

    public HostTensorBuffer(int rows, int columns)
        : base(rows, columns)
    {
        var bytes = checked((nuint)rows * (nuint)columns * sizeof(float));
        _data = (float*)NativeMemory.AlignedAlloc(Math.Max(bytes, Alignment), Alignment);
        NativeMemory.Clear(_data, bytes);
    }

    ~HostTensorBuffer() => Dispose(false);

    /// <summary>The first element of a view's row.</summary>
    public static float* Row(Tensor tensor, int row)
    {
        var buffer = (HostTensorBuffer)tensor.Buffer;
        ObjectDisposedException.ThrowIf(buffer._data is null, buffer);
        return buffer._data + ((nint)(tensor.FirstRow + row) * buffer.Columns) + tensor.FirstColumn;
    }

    /// <summary>A view's row as a span.</summary>
    public static Span<float> RowSpan(Tensor tensor, int row) => new(Row(tensor, row), tensor.Columns);

    /// <summary>A contiguous view as one span, row-major.</summary>
    public static Span<float> Span(Tensor tensor)
    {
        if (!tensor.IsContiguous) throw new ArgumentException("The view's rows don't follow each other without a gap.", nameof(tensor));
        return new(Row(tensor, 0), checked(tensor.Rows * tensor.Columns));
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
    }
}
