using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.Attention;
using Dray.Inference.Ilgpu.Kernels;
using Dray.Inference.Ilgpu.Sampling;
using Dray.Inference.Ilgpu.TensorCores;
using Dray.Inference.Ilgpu.Weights;
using ILGPU;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu;

/// <summary>Runs on a device through ILGPU. Operations are issued to one stream and return before they are done; a download waits.</summary>
public sealed class IlgpuBackend : IComputeBackend
{
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly AcceleratorStream _stream;
    /// <summary>Rows that products on tensor cores have room for at a time.</summary>
    private const int TensorCoreRows = 2048;

    private readonly Lazy<PortableMatMul> _portableMatMul;
    private readonly Lazy<TensorCoreMatMul> _tensorCoreMatMul;
    private readonly Lazy<RmsNorm> _rmsNorm;
    private readonly Lazy<RotateAndWriteKv> _rotateAndWriteKv;
    private readonly Lazy<PagedAttention> _pagedAttention;
    private readonly Lazy<SegmentAttention> _segmentAttention;
    private readonly DeviceLayout _layout;
    private readonly Lazy<SwiGlu> _swiGlu;
    private readonly Lazy<Gelu> _gelu;
    private readonly Lazy<GatherEmbedding> _gatherEmbedding;
    private readonly Lazy<GatherFragments> _gatherFragments;
    private readonly Lazy<CopyRows> _copyRows;
    private readonly Lazy<LogitReduction> _logitReduction;
    private MemoryBuffer1D<int, Stride1D.Dense> _indices;

    /// <summary>Takes <paramref name="context"/> and <paramref name="accelerator"/> over.</summary>
    internal IlgpuBackend(Context context, Accelerator accelerator, string name)
    {
        (_context, _accelerator, Name) = (context, accelerator, name);
        _stream = accelerator.CreateStream();
        _portableMatMul = Operation(() => new PortableMatMul(accelerator));
        _tensorCoreMatMul = Operation(() => new TensorCoreMatMul(accelerator));
        _rmsNorm = Operation(() => new RmsNorm(accelerator));
        _rotateAndWriteKv = Operation(() => new RotateAndWriteKv(accelerator));
        _pagedAttention = Operation(() => new PagedAttention(accelerator));
        _segmentAttention = Operation(() => new SegmentAttention(accelerator));
        _layout = new DeviceLayout(accelerator);
        _swiGlu = Operation(() => new SwiGlu(accelerator));
        _gelu = Operation(() => new Gelu(accelerator));
        _gatherEmbedding = Operation(() => new GatherEmbedding(accelerator));
        _gatherFragments = Operation(() => new GatherFragments(accelerator));
        _copyRows = Operation(() => new CopyRows(accelerator));
        _logitReduction = Operation(() => new LogitReduction(accelerator));
        _indices = accelerator.Allocate1D<int>(EngineOptions.DefaultMaxNumBatchedTokens);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long MemoryBytes => _accelerator.MemorySize;

    /// <inheritdoc/>
    public TensorBuffer Allocate(int rows, int columns) => new DeviceTensorBuffer(_accelerator, _stream, rows, columns);

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<float> source, Tensor target)
    {
        TensorGuard.HasLength(source.Length, target.Rows * target.Columns);
        if (source.IsEmpty) return;
        var (rows, length) = target.IsContiguous ? (1, source.Length) : (target.Rows, target.Columns);
        for (var row = 0; row < rows; row++)
            DeviceTensorBuffer.Elements(target, row, length).CopyFromCPU(_stream, source.Slice(row * length, length));
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Span<float> target)
    {
        TensorGuard.HasLength(target.Length, source.Rows * source.Columns);
        if (target.IsEmpty) return;
        var (rows, length) = source.IsContiguous ? (1, target.Length) : (source.Rows, source.Columns);
        for (var row = 0; row < rows; row++)
            DeviceTensorBuffer.Elements(source, row, length).CopyToCPU(_stream, target.Slice(row * length, length));
    }

    /// <inheritdoc/>
    public WeightMatrix LoadMatrix(IReadOnlyList<LinearSource> parts)
    {
        var matrix = new IlgpuMatrix(_accelerator, _stream, parts);
        if (matrix.TensorCores is { } weights) _tensorCoreMatMul.Value.Reserve(weights.Layout, TensorCoreRows);
        return matrix;
    }

    /// <inheritdoc/>
    public KvCache AllocateKvCache(KvCacheShape shape) => new DeviceKvCache(_accelerator, shape);

    /// <inheritdoc/>
    public void MatMul(Tensor x, WeightMatrix weight, Tensor y, bool accumulate = false)
    {
        var matrix = (IlgpuMatrix)weight;
        TensorGuard.HasShape(x, y.Rows, matrix.Inputs);
        TensorGuard.HasShape(y, x.Rows, matrix.Outputs);
        if (x.Rows == 0) return;
        if (matrix.TensorCores is { } weights)
        {
            _tensorCoreMatMul.Value.Run(_stream, DeviceTensorBuffer.Of(x), weights, DeviceTensorBuffer.Of(y), accumulate);
            return;
        }

        var first = 0;
        foreach (var part in matrix.Parts)
        {
            var target = DeviceTensorBuffer.Of(y.SliceColumns(first, part.View.Outputs));
            _portableMatMul.Value.Run(_stream, DeviceTensorBuffer.Of(x), part.Code, part.View, target, accumulate);
            first += part.View.Outputs;
        }
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y)
    {
        TensorGuard.SameShape(y, x);
        TensorGuard.HasShape(gain, 1, x.Columns);
        if (x.Rows > 0) _rmsNorm.Value.Run(_stream, DeviceTensorBuffer.Of(x), DeviceTensorBuffer.Of(gain), epsilon, DeviceTensorBuffer.Of(y));
    }

    /// <inheritdoc/>
    public void Rope(Tensor x, int headDim, Tensor cos, Tensor sin)
    {
        HasHeads(x, headDim);
        TensorGuard.HasLength(headDim % 2, 0);
        TensorGuard.HasShape(cos, x.Rows, headDim / 2);
        TensorGuard.HasShape(sin, x.Rows, headDim / 2);
        if (x.Rows > 0) _rotateAndWriteKv.Value.Rotate(_stream, DeviceTensorBuffer.Of(x), headDim, DeviceTensorBuffer.Of(cos), DeviceTensorBuffer.Of(sin));
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y)
    {
        TensorGuard.HasShape(gateUp, y.Rows, y.Columns * 2);
        if (y.Rows > 0) _swiGlu.Value.Run(_stream, DeviceTensorBuffer.Of(gateUp), DeviceTensorBuffer.Of(y));
    }

    /// <inheritdoc/>
    public void Gelu(Tensor x)
    {
        if (x.Rows > 0) _gelu.Value.Run(_stream, DeviceTensorBuffer.Of(x));
    }

    /// <inheritdoc/>
    public void Gather(WeightMatrix table, ReadOnlySpan<int> ids, Tensor y)
    {
        var matrix = (IlgpuMatrix)table;
        TensorGuard.HasShape(y, ids.Length, matrix.Inputs);
        if (matrix.TensorCores is { Layout.Kind: FragmentKind.Dense } fragments)
        {
            if (!ids.IsEmpty) _gatherFragments.Value.Run(_stream, fragments, Indices(ids, matrix.Outputs), DeviceTensorBuffer.Of(y));
            return;
        }

        if (matrix.Parts is not [{ Code: WeightCode.BrainFloats or WeightCode.Floats } part])
            throw new ArgumentException("Rows can be gathered only from a matrix that was loaded from one 16- or 32-bit part.", nameof(table));
        if (!ids.IsEmpty) _gatherEmbedding.Value.Run(_stream, part.Code, part.View, Indices(ids, matrix.Outputs), DeviceTensorBuffer.Of(y));
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        TensorGuard.HasShape(y, rows.Length, x.Columns);
        if (!rows.IsEmpty) _copyRows.Value.Gather(_stream, DeviceTensorBuffer.Of(x), Indices(rows, x.Rows), DeviceTensorBuffer.Of(y));
    }

    /// <inheritdoc/>
    public void ScatterRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        TensorGuard.HasShape(x, rows.Length, y.Columns);
        if (!rows.IsEmpty) _copyRows.Value.Scatter(_stream, DeviceTensorBuffer.Of(x), Indices(rows, y.Rows), DeviceTensorBuffer.Of(y));
    }

    /// <inheritdoc/>
    public void WriteKv(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout)
    {
        HasKeys(cache, layer, k, v, layout);
        if (k.Rows == 0) return;
        _layout.Upload(_stream, layout);
        _rotateAndWriteKv.Value.Write(_stream, DeviceTensorBuffer.Of(k), DeviceTensorBuffer.Of(v), (DeviceKvCache)cache, layer, _layout);
    }

    /// <inheritdoc/>
    public void RotateAndWriteKv(Tensor q, Tensor k, Tensor v, Tensor cos, Tensor sin, KvCache cache, int layer, AttentionLayout layout)
    {
        HasKeys(cache, layer, k, v, layout);
        HasHeads(q, cache.Shape.HeadDim);
        TensorGuard.HasLength(cache.Shape.HeadDim % 2, 0);
        TensorGuard.HasLength(q.Rows, k.Rows);
        TensorGuard.HasShape(cos, q.Rows, cache.Shape.HeadDim / 2);
        TensorGuard.HasShape(sin, q.Rows, cache.Shape.HeadDim / 2);
        if (q.Rows == 0) return;
        _layout.Upload(_stream, layout);
        _rotateAndWriteKv.Value.Run(
            _stream,
            DeviceTensorBuffer.Of(q),
            DeviceTensorBuffer.Of(k),
            DeviceTensorBuffer.Of(v),
            DeviceTensorBuffer.Of(cos),
            DeviceTensorBuffer.Of(sin),
            (DeviceKvCache)cache,
            layer,
            _layout);
    }

    /// <inheritdoc/>
    public void PagedAttention(Tensor q, KvCache cache, int layer, AttentionLayout layout, Tensor y)
    {
        HasRow(layer, cache.Shape.Layers, nameof(layer));
        HasHeads(q, cache.Shape.KvHeads * cache.Shape.HeadDim);
        TensorGuard.HasLength(q.Rows, layout.Tokens);
        TensorGuard.SameShape(y, q);
        if (q.Rows == 0) return;
        _layout.Upload(_stream, layout);
        _pagedAttention.Value.Run(_stream, DeviceTensorBuffer.Of(q), (DeviceKvCache)cache, layer, _layout, DeviceTensorBuffer.Of(y));
    }

    /// <inheritdoc/>
    public void SegmentAttention(Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y)
    {
        HasHeads(q, headDim);
        TensorGuard.SameShape(k, q);
        TensorGuard.SameShape(v, q);
        TensorGuard.SameShape(y, q);
        var rows = 0;
        foreach (var length in segments)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(segments));
            rows = checked(rows + length);
        }

        TensorGuard.HasLength(rows, q.Rows);
        if (rows == 0) return;
        _segmentAttention.Value.Run(
            _stream, DeviceTensorBuffer.Of(q), DeviceTensorBuffer.Of(k), DeviceTensorBuffer.Of(v), headDim, segments, DeviceTensorBuffer.Of(y));
    }

    /// <inheritdoc/>
    public bool ReducesLogits => true;

    /// <inheritdoc/>
    public void ReduceLogits(Tensor logits, TopLogits result) => _logitReduction.Value.Run(_stream, DeviceTensorBuffer.Of(logits), result);

    /// <inheritdoc/>
    public void Dispose()
    {
        _indices.Dispose();
        _layout.Dispose();
        Free(_pagedAttention);
        Free(_segmentAttention);
        Free(_tensorCoreMatMul);
        Free(_logitReduction);
        _stream.Dispose();
        _accelerator.Dispose();
        _context.Dispose();
    }

    /// <summary>Kernels are compiled when first needed: a text model never needs those of the vision encoder.</summary>
    private static Lazy<T> Operation<T>(Func<T> create) => new(create, LazyThreadSafetyMode.None);

    private static void Free<T>(Lazy<T> operation)
        where T : IDisposable
    {
        if (operation.IsValueCreated) operation.Value.Dispose();
    }

    /// <summary>Row numbers on the device, valid for the next operation.</summary>
    private ArrayView<int> Indices(ReadOnlySpan<int> rows, int limit)
    {
        foreach (var row in rows) HasRow(row, limit, nameof(rows));
        if (_indices.Length < rows.Length)
        {
            _stream.Synchronize();
            _indices.Dispose();
            _indices = _accelerator.Allocate1D<int>(rows.Length);
        }

        var view = _indices.View.AsContiguous().SubView(0, rows.Length);
        view.CopyFromCPU(_stream, rows);
        return view;
    }

    private static void HasHeads(Tensor x, int width)
    {
        if (width < 1 || x.Columns % width != 0)
            throw new ArgumentException($"The tensor has {x.Columns} columns, which heads of {width} don't divide.", nameof(x));
    }

    private static void HasKeys(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout)
    {
        HasRow(layer, cache.Shape.Layers, nameof(layer));
        TensorGuard.HasShape(k, layout.Tokens, cache.Shape.KvHeads * cache.Shape.HeadDim);
        TensorGuard.SameShape(v, k);
    }

    private static void HasRow(int row, int rows, string name)
    {
        if ((uint)row >= (uint)rows) throw new ArgumentOutOfRangeException(name, row, $"There are {rows} rows; the index must be from 0 to {rows - 1}.");
    }
}
