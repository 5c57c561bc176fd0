using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Reference;
using Dray.Inference.Ilgpu.Attention;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Tests.Attention;

/// <summary>The reference backend, but for rotary embedding, KV cache and attention, which a device does on copies of the tensors' buffers.</summary>
internal sealed class AttentionBackend(Accelerator accelerator, bool tensorCores = false) : IComputeBackend
{
    private readonly ReferenceBackend _host = new();
    private readonly RotateAndWriteKv _writer = new(accelerator);
    private readonly PagedAttention _paged = new(accelerator, tensorCores);
    private readonly SegmentAttention _segments = new(accelerator);
    private readonly DeviceLayout _layout = new(accelerator);
    private readonly List<(TensorBuffer Host, MemoryBuffer1D<float, Stride1D.Dense> Device)> _copies = [];

    public string Name => accelerator.Name;

    public long MemoryBytes => accelerator.MemorySize;

    public TensorBuffer Allocate(int rows, int columns) => _host.Allocate(rows, columns);

    public void Upload(ReadOnlySpan<float> source, Tensor target) => _host.Upload(source, target);

    public void Download(Tensor source, Span<float> target) => _host.Download(source, target);

    public WeightMatrix LoadMatrix(IReadOnlyList<LinearSource> parts) => _host.LoadMatrix(parts);

    public KvCache AllocateKvCache(KvCacheShape shape) => new DeviceKvCache(accelerator, shape);

    public void MatMul(Tensor x, WeightMatrix weight, Tensor y, bool accumulate = false) => _host.MatMul(x, weight, y, accumulate);

    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y) => _host.RmsNorm(x, gain, epsilon, y);

    public void Rope(Tensor x, int headDim, Tensor cos, Tensor sin)
    {
        _writer.Rotate(accelerator.DefaultStream, Copy(x), headDim, Copy(cos), Copy(sin));
        End(x);
    }

    public void SwiGlu(Tensor gateUp, Tensor y) => _host.SwiGlu(gateUp, y);

    public void Gelu(Tensor x) => _host.Gelu(x);

    public void Gather(WeightMatrix table, ReadOnlySpan<int> ids, Tensor y) => _host.Gather(table, ids, y);

    public void GatherRows(Tensor x, ReadOnlySpan<int> rows, Tensor y) => _host.GatherRows(x, rows, y);

    public void ScatterRows(Tensor x, ReadOnlySpan<int> rows, Tensor y) => _host.ScatterRows(x, rows, y);

    public void WriteKv(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout)
    {
        _layout.Upload(accelerator.DefaultStream, layout);
        _writer.Write(accelerator.DefaultStream, Copy(k), Copy(v), (DeviceKvCache)cache, layer, _layout);
        End();
    }

    /// <summary>Rotation and writing in one launch.</summary>
    public void RotateAndWriteKv(KvCache cache, int layer, Tensor q, Tensor k, Tensor v, Tensor cos, Tensor sin, AttentionLayout layout)
    {
        _layout.Upload(accelerator.DefaultStream, layout);
        _writer.Run(accelerator.DefaultStream, Copy(q), Copy(k), Copy(v), Copy(cos), Copy(sin), (DeviceKvCache)cache, layer, _layout);
        End(q);
    }

    public void PagedAttention(Tensor q, KvCache cache, int layer, AttentionLayout layout, Tensor y)
    {
        _layout.Upload(accelerator.DefaultStream, layout);
        _paged.Run(accelerator.DefaultStream, Copy(q), (DeviceKvCache)cache, layer, _layout, Copy(y));
        End(y);
    }

    public void SegmentAttention(Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y)
    {
        _segments.Run(accelerator.DefaultStream, Copy(q), Copy(k), Copy(v), headDim, segments, Copy(y));
        End(y);
    }

    public void Dispose()
    {
        _paged.Dispose();
        _segments.Dispose();
        _layout.Dispose();
    }

    /// <summary>A copy of the whole buffer, so that kernels meet the view's offset and stride.</summary>
    private DeviceTensor Copy(Tensor tensor)
    {
        var index = _copies.FindIndex(copy => ReferenceEquals(copy.Host, tensor.Buffer));
        if (index < 0)
        {
            var values = new float[tensor.Buffer.Rows * tensor.Buffer.Columns];
            _host.Download(tensor.Buffer.View, values);
            _copies.Add((tensor.Buffer, accelerator.Allocate1D(values)));
            index = _copies.Count - 1;
        }

        var view = _copies[index].Device.View.AsContiguous();
        return new DeviceTensor(view.SubView((tensor.FirstRow * tensor.Buffer.Columns) + tensor.FirstColumn), tensor.Rows, tensor.Columns, tensor.Buffer.Columns);
    }

    private void End(params ReadOnlySpan<Tensor> written)
    {
        accelerator.DefaultStream.Synchronize();
        foreach (var tensor in written)
        {
            var device = _copies.Find(copy => ReferenceEquals(copy.Host, tensor.Buffer)).Device;
            _host.Upload(device.GetAsArray1D(), tensor.Buffer.View);
        }

        foreach (var (_, device) in _copies) device.Dispose();
        _copies.Clear();
    }
}
