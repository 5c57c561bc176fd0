using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Tests.Compute;

/// <summary>A backend around another one, which says what it is about to do: a test may note it, or throw what a device would.</summary>
/// <param name="inner">Does the work; is disposed of with this one if <paramref name="ownsInner"/>.</param>
/// <param name="before">Told the name of every operation before it is done.</param>
/// <param name="ownsInner">False where tests share the inner one.</param>
public sealed class InterceptedBackend(IComputeBackend inner, Action<string> before, bool ownsInner = true) : IComputeBackend
{
    /// <summary>What <see cref="Run"/> says when it is over.</summary>
    public const string RunEnded = "RunEnded";

    public string Name => inner.Name;

    public bool HasOwnMemory => inner.HasOwnMemory;

    public bool ReducesLogits { get; init; } = inner.ReducesLogits;

    public long MemoryBytes { get; init; } = inner.MemoryBytes;

    public TensorBuffer Allocate(int rows, int columns)
    {
        before(nameof(Allocate));
        return inner.Allocate(rows, columns);
    }

    public void Upload(ReadOnlySpan<float> source, Tensor target)
    {
        before(nameof(Upload));
        inner.Upload(source, target);
    }

    public void Download(Tensor source, Span<float> target)
    {
        before(nameof(Download));
        inner.Download(source, target);
    }

    public WeightMatrix LoadMatrix(IReadOnlyList<LinearSource> parts)
    {
        before(nameof(LoadMatrix));
        return inner.LoadMatrix(parts);
    }

    public KvCache AllocateKvCache(KvCacheShape shape)
    {
        before(nameof(AllocateKvCache));
        return inner.AllocateKvCache(shape);
    }

    public void MatMul(Tensor x, WeightMatrix weight, Tensor y, bool accumulate = false)
    {
        before(nameof(MatMul));
        inner.MatMul(x, weight, y, accumulate);
    }

    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y)
    {
        before(nameof(RmsNorm));
        inner.RmsNorm(x, gain, epsilon, y);
    }

    public void Rope(Tensor x, int headDim, Tensor cos, Tensor sin)
    {
        before(nameof(Rope));
        inner.Rope(x, headDim, cos, sin);
    }

    public void SwiGlu(Tensor gateUp, Tensor y)
    {
        before(nameof(SwiGlu));
        inner.SwiGlu(gateUp, y);
    }

    public void Gelu(Tensor x)
    {
        before(nameof(Gelu));
        inner.Gelu(x);
    }

    public void Gather(WeightMatrix table, ReadOnlySpan<int> ids, Tensor y)
    {
        before(nameof(Gather));
        inner.Gather(table, ids, y);
    }

    public void GatherRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        before(nameof(GatherRows));
        inner.GatherRows(x, rows, y);
    }

    public void ScatterRows(Tensor x, ReadOnlySpan<int> rows, Tensor y)
    {
        before(nameof(ScatterRows));
        inner.ScatterRows(x, rows, y);
    }

    public void WriteKv(KvCache cache, int layer, Tensor k, Tensor v, AttentionLayout layout)
    {
        before(nameof(WriteKv));
        inner.WriteKv(cache, layer, k, v, layout);
    }

    public void PagedAttention(Tensor q, KvCache cache, int layer, AttentionLayout layout, Tensor y)
    {
        before(nameof(PagedAttention));
        inner.PagedAttention(q, cache, layer, layout, y);
    }

    public void SegmentAttention(Tensor q, Tensor k, Tensor v, int headDim, ReadOnlySpan<int> segments, Tensor y)
    {
        before(nameof(SegmentAttention));
        inner.SegmentAttention(q, k, v, headDim, segments, y);
    }

    public void ReduceLogits(Tensor logits, TopLogits result)
    {
        before(nameof(ReduceLogits));
        inner.ReduceLogits(logits, result);
    }

    public void NormMatMul(Tensor x, Tensor gain, float epsilon, Tensor norm, WeightMatrix weight, Tensor y)
    {
        before(nameof(NormMatMul));
        inner.NormMatMul(x, gain, epsilon, norm, weight, y);
    }

    public void SwiGluMatMul(Tensor gateUp, Tensor active, WeightMatrix weight, Tensor y, bool accumulate)
    {
        before(nameof(SwiGluMatMul));
        inner.SwiGluMatMul(gateUp, active, weight, y, accumulate);
    }

    public void RotateAndWriteKv(Tensor q, Tensor k, Tensor v, Tensor cos, Tensor sin, KvCache cache, int layer, AttentionLayout layout)
    {
        before(nameof(RotateAndWriteKv));
        inner.RotateAndWriteKv(q, k, v, cos, sin, cache, layer, layout);
    }

    public void Run(AttentionLayout layout, Action pass)
    {
        before(nameof(Run));
        inner.Run(layout, pass);
        before(RunEnded);
    }

    public void Dispose()
    {
        if (ownsInner) inner.Dispose();
    }
}
