using Dray.Inference.Compute;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>A paged KV cache in device memory, laid out for tensor cores' operands.</summary>
/// <remarks>
/// <code>
///  per layer, block and KV head, in 32-bit words of E = 1 float32, 2 bf16 or 4 fp8:
///    keys    [16 tokens][headDim / E][E dimensions]
///    values  [headDim / E][4 token quads][E dimensions][4 tokens]     a lane's 16 bytes are what it needs for E columns of a product
///    scales  [16 keys][16 values]                                     float32, fp8 only
/// </code>
/// Every layer is a buffer of its own: OpenCL devices limit the size of one, and caches exceed 2³¹ bytes.
/// </remarks>
internal sealed class DeviceKvCache : KvCache
{
    private readonly MemoryBuffer1D<uint, Stride1D.Dense>[] _layers;

    /// <exception cref="DeviceMemoryException">The device has too little memory left.</exception>
    public DeviceKvCache(Accelerator accelerator, KvCacheShape shape)
        : base(shape)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Layers, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.Blocks, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.KvHeads, 1, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.HeadDim, 1, nameof(shape));
        Geometry = new KvGeometry(shape);
        var words = checked((long)shape.Blocks * shape.KvHeads * Geometry.BlockWords);
        _layers = new MemoryBuffer1D<uint, Stride1D.Dense>[shape.Layers];
        try
        {
            for (var layer = 0; layer < _layers.Length; layer++) _layers[layer] = accelerator.Allocate1D<uint>(words);
        }
        catch (Exception exception) when (exception is AcceleratorException or OutOfMemoryException)
        {
            Dispose();
            throw new DeviceMemoryException(
                $"The KV cache of {(long)shape.Blocks * BlockTokens} tokens in {KvCacheDataTypes.NameOf(shape.DataType)} takes "
                + $"{shape.BytesPerToken * shape.Blocks * BlockTokens / 1048576.0:F0} MiB, more than '{accelerator.Name}' has left.",
                exception);
        }
    }

    /// <summary>Gets where numbers lie.</summary>
    public KvGeometry Geometry { get; }

    /// <summary>A layer's words.</summary>
    public ArrayView<uint> Layer(int layer) => _layers[layer].View.AsContiguous();

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var layer in _layers) DeviceMemory.Free(layer);
    }
}
