namespace Dray.Inference.Compute.Reference;

/// <summary>A KV cache in float32: per layer keys and values of [slot, kvHeads · headDim].</summary>
internal sealed class ReferenceKvCache(KvCacheShape shape) : KvCache(shape)
{
    private readonly int width = shape.KvHeads * shape.HeadDim;
    private readonly float[][] keys = Allocate(shape);
    private readonly float[][] values = Allocate(shape);

    public Span<float> Keys(int layer, int slot) => keys[layer].AsSpan(slot * width, width);

    public Span<float> Values(int layer, int slot) => values[layer].AsSpan(slot * width, width);

    protected override void Dispose(bool disposing)
    {
    }

    private static float[][] Allocate(KvCacheShape shape)
    {
        var length = checked(shape.Blocks * BlockTokens * shape.KvHeads * shape.HeadDim);
        return [.. Enumerable.Range(0, shape.Layers).Select(_ => new float[length])];
    }
}
