using Dray.Inference.Checkpoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Runs on the CPU: packed 2- to 8-bit and 16-bit weights, float32 arithmetic, a fixed team of threads. The instruction set is chosen once.
/// A row's results are bit by bit the same whatever else is computed with it, on however many threads; they differ between instruction sets.
/// </summary>
public sealed unsafe class CpuBackend : IComputeBackend
{
    private readonly ThreadTeam _team;
    private readonly Workspace _workspace;
    private readonly WorkCounter _counter = new();
    private readonly CpuOperations _operations;
    private readonly WeightCache? _cache;
    private WeightCacheUse? _cacheUse;

    /// <summary>Starts the threads.</summary>
    /// <param name="options">How to use the machine.</param>
    /// <param name="logger">Told what becomes of the cache of packed weights.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads isn't from 1 to <see cref="CpuBackendOptions.MaxThreads"/>.</exception>
    /// <exception cref="EngineConfigurationException">
    /// The instruction set that was asked for can't be used here, or has no kernels for the activations' precision.
    /// </exception>
    public CpuBackend(CpuBackendOptions? options = null, ILogger? logger = null)
        : this(options, CpuFeatures.OfThisProcess, logger)
    {
    }

    /// <summary>Starts the threads where <paramref name="features"/> say what can be used, and computes with <paramref name="operations"/> if there are any.</summary>
    internal CpuBackend(CpuBackendOptions? options, CpuFeatures features, ILogger? logger = null, CpuOperations? operations = null)
    {
        var threads = options?.Threads ?? PhysicalCores.Count();
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, CpuBackendOptions.MaxThreads, nameof(options));
        (InstructionSet, Activations) = (options?.InstructionSet ?? features.Available[^1], options?.Activations ?? ActivationPrecision.Bits16);
        Require(features);
        if (options?.InstructionSet is null) Limitation = features.Limitation;
        _operations = operations ?? CpuOperations.For(InstructionSet, Activations);
        _team = new ThreadTeam(threads);
        _workspace = new Workspace(threads);
        if (options?.WeightCache is { } folder) _cache = new WeightCache(folder, _team, logger ?? NullLogger.Instance);
        Name = $"cpu-{CpuInstructionSets.NameOf(InstructionSet)}";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Gets the instruction set in use.</summary>
    public CpuInstructionSet InstructionSet { get; }

    /// <summary>Gets the precision of quantised weights' inputs on paths that multiply integers.</summary>
    public ActivationPrecision Activations { get; }

    /// <summary>Gets why the system keeps a faster path of the processor from being chosen, as a sentence for the operator; null where it doesn't.</summary>
    public string? Limitation { get; }

    /// <summary>Gets the number of threads, the calling one included.</summary>
    public int Threads => _team.Size;

    /// <summary>Gets the threads, for jobs of the caller's own between two operations.</summary>
    internal ThreadTeam Team => _team;

    /// <summary>Gets the memory that operations reuse, for jobs of the caller's own between two operations.</summary>
    internal Workspace Workspace => _workspace;

    /// <summary>Gets what the processor calls itself.</summary>
    public static string Processor => ProcessorName.Current;

    /// <summary>Measures what this machine can do at most with this backend's threads and instruction set; takes about a second.</summary>
    public MachineLimits MeasureLimits() => new LimitProbe(_team, _operations).Measure();

    /// <inheritdoc/>
    public TensorBuffer Allocate(int rows, int columns) => new HostTensorBuffer(rows, columns);

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<float> source, Tensor target)
    {
        TensorGuard.HasLength(source.Length, target.Rows * target.Columns);
        for (var m = 0; m < target.Rows; m++) source.Slice(m * target.Columns, target.Columns).CopyTo(HostTensorBuffer.RowSpan(target, m));
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Span<float> target)
    {
        TensorGuard.HasLength(target.Length, source.Rows * source.Columns);
        for (var m = 0; m < source.Rows; m++) HostTensorBuffer.RowSpan(source, m).CopyTo(target[(m * source.Columns)..]);
    }

    /// <inheritdoc/>
    public WeightMatrix LoadMatrix(IReadOnlyList<LinearSource> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfLessThan(parts.Count, 1, nameof(parts));
        foreach (var part in parts)
        {
            if (part.Inputs != parts[0].Inputs)
                throw new ArgumentException($"{part.Name} has {part.Inputs} inputs where {parts[0].Name} has {parts[0].Inputs}; they can't be one matrix.", nameof(parts));
        }

        var packed = _cacheUse?.Find(parts);
        if (packed is null)
        {
            packed = new MatrixPacker(_team).Pack(parts);
            _cacheUse?.Add(parts, packed);
        }

        return new CpuMatrix(parts[0].Inputs, packed, MatrixSpan.Divide(parts[0].Inputs, packed, _operations));
    }

    /// <inheritdoc/>
    public T Load<T>(Checkpoint checkpoint, Func<T> load)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(load);
        if (_cache is null) return load();
        using var use = _cache.Open(checkpoint.Fingerprint);
        _cacheUse = use;
        try
        {
            var loaded = load();
            use.Complete();
            return loaded;
        }
        finally
        {
            _cacheUse = null;
        }
    }

    /// <inheritdoc/>
    public KvCache AllocateKvCache(KvCacheShape shape) => new HostKvCache(shape);

    /// <inheritdoc/>
    public void MatMul(Tensor x, WeightMatrix weight, Tensor y, bool accumulate = false)
    {
        var matrix = (CpuMatrix)weight;
        TensorGuard.HasShape(x, y.Rows, matrix.Inputs);
        TensorGuard.HasShape(y, x.Rows, matrix.Outputs);
        if (x.Rows > 0)
        {
            foreach (var span in matrix.Spans)
                _operations.MatMul(_team, _workspace, x, span, y.SliceColumns(span.FirstOutput, span.Outputs), accumulate);
        }

        Keep(x, y);
        GC.KeepAlive(weight);
    }

    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y)
    {
        TensorGuard.SameShape(y, x);
        TensorGuard.HasShape(gain, 1, x.Columns);
        _operations.RmsNorm(_team, x, gain, epsilon, y);
        Keep(x, y);
        Keep(gain, y);
    }

    /// <inheritdoc/>
    public void Rope(Tensor x, int headDim, Tensor cos, Tensor sin)
    {
        TensorGuard.HasHeads(x, headDim);
        TensorGuard.HasLength(headDim % 2, 0);
        TensorGuard.HasShape(cos, x.Rows, headDim / 2);
        TensorGuard.HasShape(sin, x.Rows, headDim / 2);
        _operations.Rope(_team, x, headDim, cos, sin);
        Keep(x, cos);
        Keep(x, sin);
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y)
    {
        TensorGuard.HasShape(gateUp, y.Rows, y.Columns * 2);
        _operations.SwiGlu(_team, gateUp, y);
        Keep(gateUp, y);
    }

    /// <inheritdoc/>
    public void Gelu(Tensor x)
    {
        _operations.Gelu(_team, x);
        Keep(x, x);
    }

    /// <inheritdoc/>
    public void Gather(WeightMatrix table, ReadOnlySpan<int> ids, Tensor y)
    {
        var matrix = (CpuMatrix)table;
        TensorGuard.HasShape(y, ids.Length, matrix.Inputs);
        if (matrix.Parts is not [{ Code: WeightCode.BrainFloats or WeightCode.Floats } part])
            throw new ArgumentException("Rows can be gathered only from a matrix that was loaded from one 16- or 32-bit part.", nameof(table));
        foreach (var id in ids) TensorGuard.HasRow(id, matrix.Outputs, nameof(ids));
        fixed (int* pointer = ids) _team.Run(new EmbeddingJob(part, pointer, new RowView(y)), CpuOperations.ThreadsFor(_team, y));
        Keep(y, y);
        GC.KeepAlive(table);
    }

    /// <inheritdoc/>
    public void GatherRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        TensorGuard.HasShape(y, rows.Length, x.Columns);
        for (var m = 0; m < rows.Length; m++)
        {
            TensorGuard.HasRow(rows[m], x.Rows, nameof(rows));
            HostTensorBuffer.RowSpan(x, rows[m]).CopyTo(HostTensorBuffer.RowSpan(y, m));
        }
    }

    /// <inheritdoc/>
    public void ScatterRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        TensorGuard.HasShape(x, rows.Length, y.Columns);
        for (var m = 0; m < rows.Length; m++)
        {
            TensorGuard.HasRow(rows[m], y.Rows, nameof(rows));
            HostTensorBuffer.RowSpan(x, m).CopyTo(HostTensorBuffer.RowSpan(y, rows[m]));
        }
    }

    /// <inheritdoc/>
    public void WriteKv(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout)
    {
        var kv = (HostKvCache)cache;
        TensorGuard.HasRow(layer, kv.Shape.Layers, nameof(layer));
        TensorGuard.HasShape(k, layout.Tokens, kv.Shape.KvHeads * kv.Shape.HeadDim);
        TensorGuard.SameShape(v, k);
        _team.Run(new WriteKvJob(kv, layer, new RowView(k), new RowView(v), layout), CpuOperations.ThreadsFor(_team, k));
        Keep(k, v);
        GC.KeepAlive(cache);
    }

    /// <inheritdoc/>
    public void PagedAttention(Tensor q, KvCache cache, int layer, AttentionLayout layout, Tensor y)
    {
        var kv = (HostKvCache)cache;
        TensorGuard.HasRow(layer, kv.Shape.Layers, nameof(layer));
        TensorGuard.HasHeads(q, kv.Shape.KvHeads * kv.Shape.HeadDim);
        TensorGuard.HasLength(q.Rows, layout.Tokens);
        TensorGuard.SameShape(y, q);
        if (q.Rows > 0) _operations.PagedAttention(_team, _workspace, _counter, q, kv, layer, layout, y);
        Keep(q, y);
        GC.KeepAlive(cache);
    }

    /// <inheritdoc/>
    public void SegmentAttention(Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y)
    {
        TensorGuard.HasHeads(q, headDim);
        TensorGuard.SameShape(k, q);
        TensorGuard.SameShape(v, q);
        TensorGuard.SameShape(y, q);
        TensorGuard.HasSegments(segments, q.Rows);
        if (q.Rows > 0) _operations.SegmentAttention(_team, _workspace, q, k, v, headDim, segments, y);
        Keep(q, k);
        Keep(v, y);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _team.Dispose();
        _workspace.Dispose();
        _operations.Dispose();
    }

    private void Require(CpuFeatures features)
    {
        var name = CpuInstructionSets.NameOf(InstructionSet);
        if (features.Lack(InstructionSet) is { } lack)
        {
            throw new EngineConfigurationException(
                $"The CPU path is {name}, but that can't be used here. {lack} Leave it out, or choose {string.Join(" or ", features.Available.Select(CpuInstructionSets.NameOf))}.");
        }

        if (Activations != ActivationPrecision.Bits16 && InstructionSet < CpuInstructionSet.Avx512Vnni)
        {
            throw new EngineConfigurationException(
                $"The activations are {ActivationPrecisions.NameOf(Activations)}, but the CPU path {name} multiplies in float32; integers are multiplied by " +
                $"avx512-vnni, avx512-bf16 and amx only. {features.Lack(CpuInstructionSet.Avx512Vnni) ?? "Choose one of those paths."} " +
                $"{ActivationPrecisions.NameOf(ActivationPrecision.Bits16)} runs on every path.");
        }
    }

    // Kernels hold bare pointers; the buffers must not be finalised under them.
    private static void Keep(Tensor a, Tensor b)
    {
        GC.KeepAlive(a.Buffer);
        GC.KeepAlive(b.Buffer);
    }
}
