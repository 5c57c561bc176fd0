namespace Dray.Inference.Compute.Reference;

/// <summary>A KV cache: per layer keys and values of [slot, kvHeads · headDim], in float32 but rounded to what the data type can hold.</summary>
internal sealed class ReferenceKvCache(KvCacheShape shape) : KvCache(shape)
{
    private readonly int _width = shape.KvHeads * shape.HeadDim;
    private readonly float[][] _keys = Allocate(shape);
    private readonly float[][] _values = Allocate(shape);

    public ReadOnlySpan<float> Keys(int layer, int slot) => _keys[layer].AsSpan(slot * _width, _width);

    public ReadOnlySpan<float> Values(int layer, int slot) => _values[layer].AsSpan(slot * _width, _width);

    public void Write(int layer, int slot, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        for (var first = 0; first < _width; first += Shape.HeadDim)
        {
            Round(key.Slice(first, Shape.HeadDim), _keys[layer].AsSpan((slot * _width) + first));
            Round(value.Slice(first, Shape.HeadDim), _values[layer].AsSpan((slot * _width) + first));
        }
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Round(ReadOnlySpan<float> head, Span<float> target)
    {
        var scale = Shape.DataType == KvCacheDataType.Fp8E4M3 ? KvHeadScale.Of(head) : 1;
        for (var d = 0; d < head.Length; d++)
        {
            target[d] = Shape.DataType switch
            {
                KvCacheDataType.Fp8E4M3 => Fp8E4M3.Decode(Fp8E4M3.Encode(head[d] / scale)) * scale,
                KvCacheDataType.BFloat16 => BrainFloat.Decode(BrainFloat.Encode(head[d])),
                _ => head[d],
            };
        }
    }

    private static float[][] Allocate(KvCacheShape shape)
    {
        var length = checked(shape.Blocks * BlockTokens * shape.KvHeads * shape.HeadDim);
        return [.. Enumerable.Range(0, shape.Layers).Select(_ => new float[length])];
    }
}
