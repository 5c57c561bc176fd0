using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;
using Dray.Inference.Ilgpu.Attention;
using Dray.Inference.Ilgpu.Cuda;
using Dray.Inference.Ilgpu.Kernels;
using Dray.Inference.Ilgpu.Sampling;
using Dray.Inference.Ilgpu.TensorCores;
using Dray.Inference.Ilgpu.Weights;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dray.Inference.Ilgpu;

/// <summary>Runs on a device through ILGPU. Operations are issued to one stream and return before they are done; a download waits.</summary>
public sealed class IlgpuBackend : IComputeBackend
{
    /// <summary>Rows that products on tensor cores have room for at a time.</summary>
    private const int TensorCoreRows = 2048;

    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly AcceleratorStream _stream;
    private readonly CudaGraphReplay? _graphs;
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

    /// <summary>Changes when an address may have changed that graphs hold and that no tensor's end tells of.</summary>
    private long _generation;

    /// <summary>Takes <paramref name="context"/> and <paramref name="accelerator"/> over.</summary>
    internal IlgpuBackend(Context context, Accelerator accelerator, string name, ILogger? logger = null)
    {
        (_context, _accelerator, Name) = (context, accelerator, name);
        _stream = accelerator.CreateStream();
        if (_stream is CudaStream stream) _graphs = new CudaGraphReplay(new CudaGraphDriver(stream), logger ?? NullLogger.Instance);
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
    public bool HasOwnMemory => true;

    /// <inheritdoc/>
    public TensorBuffer Allocate(int rows, int columns) =>
        Issue(() => new DeviceTensorBuffer(_accelerator, _stream, rows, columns, buffer => _graphs?.Freed(buffer)));

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<float> source, Tensor target)
    {
        TensorGuard.HasLength(source.Length, target.Rows * target.Columns);
        if (source.IsEmpty) return;
        var (rows, length) = target.IsContiguous ? (1, source.Length) : (target.Rows, target.Columns);
        try
        {
            for (var row = 0; row < rows; row++)
                DeviceTensorBuffer.Elements(target, row, length).CopyFromCPU(_stream, source.Slice(row * length, length));
        }
        catch (Exception exception) when (DeviceFailure.Translate(exception, Name) is { } failure)
        {
            throw failure;
        }
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Span<float> target)
    {
        TensorGuard.HasLength(target.Length, source.Rows * source.Columns);
        if (target.IsEmpty) return;
        var (rows, length) = source.IsContiguous ? (1, target.Length) : (source.Rows, source.Columns);
        try
        {
            for (var row = 0; row < rows; row++)
                DeviceTensorBuffer.Elements(source, row, length).CopyToCPU(_stream, target.Slice(row * length, length));
        }
        catch (Exception exception) when (DeviceFailure.Translate(exception, Name) is { } failure)
        {
            throw failure;
        }
    }

    /// <inheritdoc/>
    public WeightMatrix LoadMatrix(IReadOnlyList<LinearSource> parts) => Issue(() =>
    {
        var matrix = new IlgpuMatrix(_accelerator, _stream, parts, () => _generation++);
        if (matrix.TensorCores is { } weights) _tensorCoreMatMul.Value.Reserve(weights.Layout, TensorCoreRows);
        _generation++;
        return matrix;
    });

    /// <inheritdoc/>
    public KvCache AllocateKvCache(KvCacheShape shape)
    {
        // Another cache means other addresses, whatever became of the one before.
        _generation++;
        return Issue(() => new DeviceKvCache(_accelerator, shape));
    }

    /// <inheritdoc/>
    public void MatMul(Tensor x, WeightMatrix weight, Tensor y, bool accumulate = false)
    {
        var matrix = (IlgpuMatrix)weight;
        TensorGuard.HasShape(x, y.Rows, matrix.Inputs);
        TensorGuard.HasShape(y, x.Rows, matrix.Outputs);
        if (x.Rows == 0) return;
        if (matrix.TensorCores is { } weights)
        {
            Issue(() => _tensorCoreMatMul.Value.Run(_stream, View(x), weights, View(y), accumulate));
            return;
        }

        var first = 0;
        foreach (var part in matrix.Parts)
        {
            var target = View(y.SliceColumns(first, part.View.Outputs));
            Issue(() => _portableMatMul.Value.Run(_stream, View(x), part.Code, part.View, target, accumulate));
            first += part.View.Outputs;
        }
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y)
    {
        TensorGuard.SameShape(y, x);
        TensorGuard.HasShape(gain, 1, x.Columns);
        if (x.Rows > 0) Issue(() => _rmsNorm.Value.Run(_stream, View(x), View(gain), epsilon, View(y)));
    }

    /// <inheritdoc/>
    public void Rope(Tensor x, int headDim, Tensor cos, Tensor sin)
    {
        TensorGuard.HasHeads(x, headDim);
        TensorGuard.HasLength(headDim % 2, 0);
        TensorGuard.HasShape(cos, x.Rows, headDim / 2);
        TensorGuard.HasShape(sin, x.Rows, headDim / 2);
        if (x.Rows > 0) Issue(() => _rotateAndWriteKv.Value.Rotate(_stream, View(x), headDim, View(cos), View(sin)));
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y)
    {
        TensorGuard.HasShape(gateUp, y.Rows, y.Columns * 2);
        if (y.Rows > 0) Issue(() => _swiGlu.Value.Run(_stream, View(gateUp), View(y)));
    }

    /// <inheritdoc/>
    public void Gelu(Tensor x)
    {
        if (x.Rows > 0) Issue(() => _gelu.Value.Run(_stream, View(x)));
    }

    /// <inheritdoc/>
    public void Gather(WeightMatrix table, ReadOnlySpan<int> ids, Tensor y)
    {
        var matrix = (IlgpuMatrix)table;
        TensorGuard.HasShape(y, ids.Length, matrix.Inputs);
        if (matrix is not ({ TensorCores.Layout.Kind: FragmentKind.Dense } or { Parts: [{ Code: WeightCode.BrainFloats or WeightCode.Floats }] }))
            throw new ArgumentException("Rows can be gathered only from a matrix that was loaded from one 16- or 32-bit part.", nameof(table));
        if (ids.IsEmpty) return;
        var rows = Indices(ids, matrix.Outputs);
        if (matrix.TensorCores is { } fragments) Issue(() => _gatherFragments.Value.Run(_stream, fragments, rows, View(y)));
        else Issue(() => _gatherEmbedding.Value.Run(_stream, matrix.Parts[0].Code, matrix.Parts[0].View, rows, View(y)));
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        TensorGuard.HasShape(y, rows.Length, x.Columns);
        if (rows.IsEmpty) return;
        var indices = Indices(rows, x.Rows);
        Issue(() => _copyRows.Value.Gather(_stream, View(x), indices, View(y)));
    }

    /// <inheritdoc/>
    public void ScatterRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        TensorGuard.HasShape(x, rows.Length, y.Columns);
        if (rows.IsEmpty) return;
        var indices = Indices(rows, y.Rows);
        Issue(() => _copyRows.Value.Scatter(_stream, View(x), indices, View(y)));
    }

    /// <inheritdoc/>
    public void WriteKv(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout)
    {
        HasKeys(cache, layer, k, v, layout);
        if (k.Rows == 0) return;
        Issue(() =>
        {
            _layout.Upload(_stream, layout);
            _rotateAndWriteKv.Value.Write(_stream, View(k), View(v), (DeviceKvCache)cache, layer, _layout);
        });
    }

    /// <inheritdoc/>
    public void RotateAndWriteKv(Tensor q, Tensor k, Tensor v, Tensor cos, Tensor sin, KvCache cache, int layer, AttentionLayout layout)
    {
        HasKeys(cache, layer, k, v, layout);
        TensorGuard.HasHeads(q, cache.Shape.HeadDim);
        TensorGuard.HasLength(cache.Shape.HeadDim % 2, 0);
        TensorGuard.HasLength(q.Rows, k.Rows);
        TensorGuard.HasShape(cos, q.Rows, cache.Shape.HeadDim / 2);
        TensorGuard.HasShape(sin, q.Rows, cache.Shape.HeadDim / 2);
        if (q.Rows == 0) return;
        Issue(() =>
        {
            _layout.Upload(_stream, layout);
            _rotateAndWriteKv.Value.Run(_stream, View(q), View(k), View(v), View(cos), View(sin), (DeviceKvCache)cache, layer, _layout);
        });
    }

    /// <inheritdoc/>
    public void PagedAttention(Tensor q, KvCache cache, int layer, AttentionLayout layout, Tensor y)
    {
        TensorGuard.HasRow(layer, cache.Shape.Layers, nameof(layer));
        TensorGuard.HasHeads(q, cache.Shape.KvHeads * cache.Shape.HeadDim);
        TensorGuard.HasLength(q.Rows, layout.Tokens);
        TensorGuard.SameShape(y, q);
        if (q.Rows == 0) return;
        Issue(() =>
        {
            _layout.Upload(_stream, layout);
            _pagedAttention.Value.Run(_stream, View(q), (DeviceKvCache)cache, layer, _layout, View(y));
        });
    }

    /// <inheritdoc/>
    public void SegmentAttention(Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y)
    {
        TensorGuard.HasHeads(q, headDim);
        TensorGuard.SameShape(k, q);
        TensorGuard.SameShape(v, q);
        TensorGuard.SameShape(y, q);
        TensorGuard.HasSegments(segments, q.Rows);
        if (q.Rows == 0) return;
        try
        {
            _segmentAttention.Value.Run(_stream, View(q), View(k), View(v), headDim, segments, View(y));
        }
        catch (Exception exception) when (DeviceFailure.Translate(exception, Name) is { } failure)
        {
            throw failure;
        }
    }

    /// <inheritdoc/>
    public void NormMatMul(Tensor x, Tensor gain, float epsilon, Tensor norm, WeightMatrix weight, Tensor y)
    {
        var matrix = (IlgpuMatrix)weight;
        if (matrix.TensorCores is not { } weights)
        {
            RmsNorm(x, gain, epsilon, norm);
            MatMul(norm, weight, y);
            return;
        }

        TensorGuard.HasShape(x, y.Rows, matrix.Inputs);
        TensorGuard.HasShape(gain, 1, x.Columns);
        TensorGuard.HasShape(y, x.Rows, matrix.Outputs);
        if (x.Rows > 0) Issue(() => _tensorCoreMatMul.Value.RunNormed(_stream, View(x), View(gain), epsilon, weights, View(y), accumulate: false));
    }

    /// <inheritdoc/>
    public void SwiGluMatMul(Tensor gateUp, Tensor active, WeightMatrix weight, Tensor y, bool accumulate)
    {
        var matrix = (IlgpuMatrix)weight;
        if (matrix.TensorCores is not { } weights)
        {
            SwiGlu(gateUp, active);
            MatMul(active, weight, y, accumulate);
            return;
        }

        TensorGuard.HasShape(gateUp, y.Rows, 2 * matrix.Inputs);
        TensorGuard.HasShape(y, gateUp.Rows, matrix.Outputs);
        if (gateUp.Rows > 0) Issue(() => _tensorCoreMatMul.Value.RunGated(_stream, View(gateUp), weights, View(y), accumulate));
    }

    /// <inheritdoc/>
    public bool ReducesLogits => true;

    /// <inheritdoc/>
    public void ReduceLogits(Tensor logits, TopLogits result) => Issue(() => _logitReduction.Value.Run(_stream, View(logits), result));

    /// <inheritdoc/>
    public void Run(AttentionLayout layout, Action pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (_graphs is null)
        {
            pass();
            return;
        }

        Issue(() =>
        {
            _layout.Upload(_stream, layout);
            _pagedAttention.Value.Prepare(_layout);
            _graphs.Run(layout, _generation + _layout.Generation + _pagedAttention.Value.Generation, pass);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _graphs?.Dispose();
        DeviceMemory.Free(_indices);
        DeviceMemory.Free(_layout);
        Free(_pagedAttention);
        Free(_segmentAttention);
        Free(_tensorCoreMatMul);
        Free(_logitReduction);
        DeviceMemory.Free(_stream);
        DeviceMemory.Free(_accelerator);
        DeviceMemory.Free(_context);
    }

    /// <summary>A tensor as kernels see it.</summary>
    private DeviceTensor View(Tensor tensor)
    {
        _graphs?.Use(tensor.Buffer);
        return DeviceTensorBuffer.Of(tensor);
    }

    /// <summary>Issues operations to the device; a driver's error is thrown on as what it means for an engine.</summary>
    private void Issue(Action operation)
    {
        try
        {
            operation();
        }
        catch (Exception exception) when (DeviceFailure.Translate(exception, Name) is { } failure)
        {
            throw failure;
        }
    }

    private T Issue<T>(Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception exception) when (DeviceFailure.Translate(exception, Name) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Kernels are compiled when first needed: a text model never needs those of the vision encoder.</summary>
    private static Lazy<T> Operation<T>(Func<T> create) => new(create, LazyThreadSafetyMode.None);

    private static void Free<T>(Lazy<T> operation)
        where T : IDisposable
    {
        if (operation.IsValueCreated) DeviceMemory.Free(operation.Value);
    }

    /// <summary>Row numbers on the device, valid for the next operation.</summary>
    private ArrayView<int> Indices(ReadOnlySpan<int> rows, int limit)
    {
        foreach (var row in rows) TensorGuard.HasRow(row, limit, nameof(rows));
        if (_indices.Length < rows.Length)
        {
            _stream.Synchronize();
            _indices.Dispose();
            _indices = _accelerator.Allocate1D<int>(rows.Length);
        }

        var view = _indices.View.AsContiguous().SubView(0, rows.Length);
        try
        {
            view.CopyFromCPU(_stream, rows);
        }
        catch (Exception exception) when (DeviceFailure.Translate(exception, Name) is { } failure)
        {
            throw failure;
        }

        return view;
    }

    private static void HasKeys(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout)
    {
        TensorGuard.HasRow(layer, cache.Shape.Layers, nameof(layer));
        TensorGuard.HasShape(k, layout.Tokens, cache.Shape.KvHeads * cache.Shape.HeadDim);
        TensorGuard.SameShape(v, k);
    }
}
