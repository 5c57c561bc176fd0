using Dray.Inference.Compute;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu;

/// <summary>A tensor in a device's memory.</summary>
internal sealed class DeviceTensorBuffer : TensorBuffer
{
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _memory;
    private readonly Action<DeviceTensorBuffer> _freeing;

    /// <param name="accelerator">The device.</param>
    /// <param name="stream">Where it is zeroed.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="freeing">Told when the memory is about to be given back.</param>
    public DeviceTensorBuffer(Accelerator accelerator, AcceleratorStream stream, int rows, int columns, Action<DeviceTensorBuffer> freeing)
        : base(rows, columns)
    {
        _freeing = freeing;

        // Devices don't hand out empty memory.
        _memory = accelerator.Allocate1D<float>(Math.Max(1, (long)rows * columns));
        _memory.MemSetToZero(stream);
    }

    /// <summary>A view as kernels see it.</summary>
    public static DeviceTensor Of(Tensor tensor)
    {
        var buffer = (DeviceTensorBuffer)tensor.Buffer;
        ObjectDisposedException.ThrowIf(buffer._memory.IsDisposed, buffer);
        return new DeviceTensor(Elements(tensor, 0, Length(tensor)), tensor.Rows, tensor.Columns, buffer.Columns);
    }

    /// <summary>The elements of one row of a view, or of all its rows where it is contiguous.</summary>
    public static ArrayView<float> Elements(Tensor tensor, int row, long length)
    {
        var memory = ((DeviceTensorBuffer)tensor.Buffer)._memory.View.AsContiguous();
        return memory.SubView(((long)(tensor.FirstRow + row) * tensor.Buffer.Columns) + tensor.FirstColumn, length);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || _memory.IsDisposed) return;
        _freeing(this);
        DeviceMemory.Free(_memory);
    }

    private static long Length(Tensor tensor) => tensor.Rows == 0 ? 0 : ((long)(tensor.Rows - 1) * tensor.Buffer.Columns) + tensor.Columns;
}
