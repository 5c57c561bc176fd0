using System.Runtime.CompilerServices;
using Dray.Inference.Checkpoints;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.TensorCores;

/// <summary>A weight matrix on a device, in fragment order.</summary>
internal sealed class TensorCoreMatrix : IDisposable
{
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _buffer;

    /// <summary>Allocates the matrix; its bytes are to be written.</summary>
    public TensorCoreMatrix(Accelerator accelerator, FragmentLayout layout) => (Layout, _buffer) = (layout, accelerator.Allocate1D<byte>(layout.Bytes));

    /// <summary>Gets shape and order.</summary>
    public FragmentLayout Layout { get; }

    /// <summary>Gets bytes on the device.</summary>
    public long Bytes => _buffer.LengthInBytes;

    /// <summary>Gets the device address of the weights.</summary>
    public long Weights => _buffer.NativePtr;

    /// <summary>Gets the device address of the scales.</summary>
    public long Scales => _buffer.NativePtr + Layout.WeightBytes;

    /// <summary>Packs and copies the parts, strip by strip; null if they don't qualify, see <see cref="FragmentLayout.Of"/>.</summary>
    public static TensorCoreMatrix? Load(Accelerator accelerator, AcceleratorStream stream, IReadOnlyList<LinearSource> parts)
    {
        if (FragmentLayout.Of(parts) is not { } layout) return null;
        var matrix = new TensorCoreMatrix(accelerator, layout);
        try
        {
            FragmentPacker.Pack(parts, layout, (offset, bytes) => matrix.Write(stream, offset, bytes));
            return matrix;
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    /// <summary>Gets the weights as words.</summary>
    public ArrayView<uint> Words => _buffer.View.AsContiguous().SubView(0, Layout.WeightBytes).Cast<uint>();

    /// <summary>Copies packed bytes to their place.</summary>
    public void Write(AcceleratorStream stream, long offset, ReadOnlySpan<byte> bytes)
    {
        ref var source = ref Unsafe.AsRef(in bytes[0]);
        _buffer.View.SubView(offset, bytes.Length).BaseView.CopyFromCPU(stream, ref source, bytes.Length);
    }

    public void Dispose() => DeviceMemory.Free(_buffer);
}
