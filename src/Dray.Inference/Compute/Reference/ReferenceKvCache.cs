namespace Dray.Inference.Compute.Reference;

/// <summary>A KV cache in float32: per layer keys and values of [slot, kvHeads · headDim].</summary>
internal sealed class ReferenceKvCache(KvCacheShape shape) : KvCache(shape)
{
    private readonly int _width = shape.KvHeads * shape.HeadDim;
    private readonly float[][] _keys = Allocate(shape);
    private readonly float[][] _values = Allocate(shape);

    public Span<float> Keys(int layer, int slot) => _keys[layer].AsSpan(slot * _width, _width);

    public Span<float> Values(int layer, int slot) => _values[layer].AsSpan(slot * _width, _width);

    protected override void Dispose(bool disposing)
    {
    }

    private static float[][] Allocate(KvCacheShape shape)
    {
        var length = checked(shape.Blocks * BlockTokens * shape.KvHeads * shape.HeadDim);
        return [.. Enumerable.Range(0, shape.Layers).Select(_ => new float[length])];
    }
}
