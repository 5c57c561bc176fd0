using Dray.Inference.Checkpoints;
using Dray.Inference.Compute;

namespace Dray.Tests.Compute;

/// <summary>One attention layer over a cache full of random tokens, as a pass that a backend may record.</summary>
internal sealed class DecodePass : IDisposable
{
    public const int Width = 4 * 32;
    private const int KvWidth = 2 * 32;
    private const int MostRows = 3;
    private readonly IComputeBackend _backend;
    private readonly KvCache _cache;
    private readonly WeightMatrix _queryKeyValue;
    private readonly WeightMatrix _output;
    private readonly TensorBuffer _x;
    private readonly TensorBuffer _norm;
    private readonly TensorBuffer _qkv;
    private readonly TensorBuffer _mixed;
    private readonly TensorBuffer _gain;
    private readonly TensorBuffer _cos;
    private readonly TensorBuffer _sin;
    private readonly Action _pass;
    private AttentionLayout _layout = new();

    public DecodePass(IComputeBackend backend, KvCacheDataType dtype, int blocks)
    {
        _backend = backend;
        _cache = backend.AllocateKvCache(new KvCacheShape(1, blocks, 2, 32, dtype));
        _queryKeyValue = backend.LoadMatrix([new InMemoryQuantized(1, Width + (2 * KvWidth), Width, 4, 32)]);
        _output = backend.LoadMatrix([new InMemoryDense(2, Width, Width, DataType.BFloat16)]);
        (_x, _norm, _mixed) = (backend.Allocate(MostRows, Width), backend.Allocate(MostRows, Width), backend.Allocate(MostRows, Width));
        (_qkv, _gain) = (backend.Allocate(MostRows, Width + (2 * KvWidth)), backend.Allocate(1, Width));
        (_cos, _sin) = (backend.Allocate(MostRows, 16), backend.Allocate(MostRows, 16));
        backend.Upload(BackendPair.Random(3, Width), _gain.View);
        var tokens = blocks * KvCache.BlockTokens;
        _layout.Add([.. Enumerable.Range(0, blocks)], 0, tokens);
        var k = BackendPair.Upload(backend, BackendPair.Random(4, tokens * KvWidth), tokens, KvWidth);
        backend.WriteKv(_cache, 0, k, k, _layout);
        _pass = Pass;
    }

    /// <summary>What the pass makes of <paramref name="x"/>, a row per token of the layout.</summary>
    public float[] Run(float[] x, AttentionLayout layout)
    {
        _layout = layout;
        var rows = layout.Tokens;
        _backend.Upload(x, _x.Take(rows));
        _backend.Upload(x.AsSpan(0, rows * 16), _cos.Take(rows));
        _backend.Upload(x.AsSpan(rows * 16, rows * 16), _sin.Take(rows));
        _backend.Run(layout, _pass);
        return BackendPair.Download(_backend, _x.Take(rows));
    }

    public void Dispose()
    {
        foreach (var buffer in new[] { _x, _norm, _qkv, _mixed, _gain, _cos, _sin }) buffer.Dispose();
        _queryKeyValue.Dispose();
        _output.Dispose();
        _cache.Dispose();
    }

    private void Pass()
    {
        var (x, qkv) = (_x.Take(_layout.Tokens), _qkv.Take(_layout.Tokens));
        var (q, k, v) = (qkv.SliceColumns(0, Width), qkv.SliceColumns(Width, KvWidth), qkv.SliceColumns(Width + KvWidth, KvWidth));
        _backend.NormMatMul(x, _gain.View, 1e-5f, _norm.Take(x.Rows), _queryKeyValue, qkv);
        _backend.RotateAndWriteKv(q, k, v, _cos.Take(x.Rows), _sin.Take(x.Rows), _cache, 0, _layout);
        _backend.PagedAttention(q, _cache, 0, _layout, _mixed.Take(x.Rows));
        _backend.MatMul(_mixed.Take(x.Rows), _output, x, accumulate: true);
    }
}
