using Dray.Inference.Compute;
using Dray.Tests.Compute;

namespace Dray.Inference.Ilgpu.Tests.Attention;

/// <summary>The kernels for tensor cores on ILGPU's CPU device, where lanes emulate the products.</summary>
public sealed class TensorCoreAttentionTests
{
    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3, 4, 2, 64)]
    [InlineData(KvCacheDataType.BFloat16, 4, 1, 128)]
    [InlineData(KvCacheDataType.Fp8E4M3, 3, 1, 128)]
    [InlineData(KvCacheDataType.BFloat16, 2, 2, 64)]
    public void PagedAttention_SequencesInScatteredBlocks_AgreesWithReference(KvCacheDataType dtype, int heads, int kvHeads, int headDim)
    {
        using var pair = new BackendPair(new AttentionBackend(AttentionDevices.Warps, tensorCores: true));
        var shape = new KvCacheShape(1, 20, kvHeads, headDim, dtype);
        using var subject = pair.Subject.AllocateKvCache(shape);
        using var reference = pair.Reference.AllocateKvCache(shape);
        var layout = new AttentionLayout();
        foreach (var (context, tokens) in (Span<(int, int)>)[(0, 9), (9, 1)])
        {
            layout.Reset();
            layout.Add([3, 9], context, tokens);
            if (tokens > 1) layout.Add([12, 0, 15], 0, 23);
            else layout.Add([12, 0, 15], 23, 1);
            var k = pair.Tensors(layout.Tokens, layout.Tokens, kvHeads * headDim);
            var v = pair.Tensors(layout.Tokens + 1, layout.Tokens, kvHeads * headDim);
            var q = pair.Tensors(layout.Tokens + 2, layout.Tokens, heads * headDim, 4);
            var y = pair.Tensors(3, layout.Tokens, heads * headDim);
            pair.Subject.WriteKv(subject, 0, k.Subject, v.Subject, layout);
            pair.Reference.WriteKv(reference, 0, k.Reference, v.Reference, layout);
            pair.Subject.PagedAttention(q.Subject, subject, 0, layout, y.Subject);
            pair.Reference.PagedAttention(q.Reference, reference, 0, layout, y.Reference);
            pair.ShouldAgree(y, 2e-5);
        }
    }

    [Fact]
    public void PagedAttention_PromptOrSingleTokens_GivesTheSameBits()
    {
        using var backend = new AttentionBackend(AttentionDevices.Warps, tensorCores: true);
        const int tokens = 140;
        const int headDim = 64;
        int[] blocks = [5, 2, 9, 0, 7, 1, 3, 8, 4];
        var q = BackendPair.Upload(backend, BackendPair.Random(1, tokens * headDim, 4), tokens, headDim);
        var k = BackendPair.Upload(backend, BackendPair.Random(2, tokens * headDim), tokens, headDim);
        using var cache = backend.AllocateKvCache(new KvCacheShape(1, 10, 1, headDim, KvCacheDataType.Fp8E4M3));
        var layout = new AttentionLayout();
        layout.Add(blocks, 0, tokens);
        backend.WriteKv(cache, 0, k, k, layout);
        foreach (var last in (int[])[140, 129])
        {
            layout.Reset();
            layout.Add(blocks, last - 2, 2);
            var prompt = backend.Allocate(2, headDim);
            backend.PagedAttention(q.SliceRows(last - 2, 2), cache, 0, layout, prompt.View);
            layout.Reset();
            layout.Add(blocks, last - 1, 1);
            var single = backend.Allocate(1, headDim);
            backend.PagedAttention(q.SliceRows(last - 1, 1), cache, 0, layout, single.View);
            BackendPair.Download(backend, single.View).ShouldBe(BackendPair.Download(backend, prompt.View.SliceRows(1, 1)));
        }
    }

    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3)]
    [InlineData(KvCacheDataType.BFloat16)]
    public void PagedAttention_LeftoversBeyondTheContext_AreNotSeen(KvCacheDataType dtype)
    {
        using var backend = new AttentionBackend(AttentionDevices.Warps, tensorCores: true);
        const int headDim = 64;
        using var cache = backend.AllocateKvCache(new KvCacheShape(1, 1, 1, headDim, dtype));
        var layout = new AttentionLayout();
        layout.Add([0], 0, 16);
        var stale = BackendPair.Upload(backend, [.. Enumerable.Repeat(float.NaN, 16 * headDim)], 16, headDim);
        backend.WriteKv(cache, 0, stale, stale, layout);
        layout.Reset();
        layout.Add([0], 0, 7);
        var q = BackendPair.Upload(backend, BackendPair.Random(1, 7 * headDim), 7, headDim);
        backend.WriteKv(cache, 0, q, q, layout);
        var y = backend.Allocate(7, headDim);
        backend.PagedAttention(q, cache, 0, layout, y.View);
        BackendPair.Download(backend, y.View).ShouldAllBe(value => float.IsFinite(value));
    }
}
