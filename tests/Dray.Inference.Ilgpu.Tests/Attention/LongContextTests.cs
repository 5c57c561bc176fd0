using Dray.Inference.Compute;
using Dray.Tests.Compute;
using ILGPU.Runtime;

namespace Dray.Inference.Ilgpu.Tests.Attention;

/// <summary>Contexts of several KV partitions.</summary>
public sealed class LongContextTests
{
    private const int Tokens = 300;
    private const int HeadDim = 16;

    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3)]
    [InlineData(KvCacheDataType.Float32)]
    public void PagedAttention_Emulated_AnyChunkingAgreesToTheBit(KvCacheDataType dtype) => Check(AttentionDevices.Emulated, dtype);

    [Theory]
    [InlineData(KvCacheDataType.Fp8E4M3)]
    [InlineData(KvCacheDataType.Float32)]
    public void PagedAttention_OpenCl_AnyChunkingAgreesToTheBit(KvCacheDataType dtype) => Check(AttentionDevices.OpenCl, dtype);

    private static void Check(Accelerator accelerator, KvCacheDataType dtype)
    {
        using var pair = new BackendPair(new AttentionBackend(accelerator));
        var (q, k, v) = (pair.Tensors(1, Tokens, 4 * HeadDim, 4), pair.Tensors(2, Tokens, HeadDim), pair.Tensors(3, Tokens, HeadDim));
        int[] blocks = [.. Enumerable.Range(0, 19).Select(i => (i * 7) % 19)];
        var shape = new KvCacheShape(1, 19, 1, HeadDim, dtype);
        using var reference = pair.Reference.AllocateKvCache(shape);
        float[]? whole = null;
        foreach (var chunks in (int[][])[[300], [127, 1, 1, 127, 1, 42, 1], [1, 255, 44]])
        {
            using var cache = pair.Subject.AllocateKvCache(shape);
            var y = pair.Tensors(4, Tokens, 4 * HeadDim);
            var done = 0;
            foreach (var chunk in chunks)
            {
                var layout = new AttentionLayout();
                layout.Add(blocks, done, chunk);
                pair.Subject.WriteKv(cache, 0, k.Subject.SliceRows(done, chunk), v.Subject.SliceRows(done, chunk), layout);
                pair.Subject.PagedAttention(q.Subject.SliceRows(done, chunk), cache, 0, layout, y.Subject.SliceRows(done, chunk));
                pair.Reference.WriteKv(reference, 0, k.Reference.SliceRows(done, chunk), v.Reference.SliceRows(done, chunk), layout);
                if (whole is null) pair.Reference.PagedAttention(q.Reference.SliceRows(done, chunk), reference, 0, layout, y.Reference.SliceRows(done, chunk));
                done += chunk;
            }

            if (whole is null) pair.ShouldAgree(y, 2e-5);
            var rows = BackendPair.Download(pair.Subject, y.Subject);
            whole ??= rows;
            rows.ShouldBe(whole, string.Join('+', chunks));
        }
    }
}
