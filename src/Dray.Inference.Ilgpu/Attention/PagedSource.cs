using Dray.Inference.Compute;
using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>A sequence's keys and values of one KV head in the paged cache.</summary>
internal readonly struct PagedSource<TCodec>(ArrayView<uint> words, ArrayView<int> blocks, int firstBlock, int kvHead, KvGeometry geometry) : IKeyValueSource
    where TCodec : struct, IKvCodec
{
    public long KeyAt(int position) => Block(position) + geometry.Key(position % KvCache.BlockTokens);

    public Quad Key(long at, int d) => default(TCodec).Keys(words, at, d, geometry);

    public float KeyScale(int position) =>
        default(TCodec).HasScales ? Interop.IntAsFloat(words[Block(position) + geometry.Scale(position % KvCache.BlockTokens)]) : 1;

    public Quad Values(int position, int d) =>
        default(TCodec).Values(words, Block(position) + geometry.Value(position % KvCache.BlockTokens, d));

    public float ValueScale(int position) =>
        default(TCodec).HasScales
            ? Interop.IntAsFloat(words[Block(position) + geometry.Scale(position % KvCache.BlockTokens) + KvCache.BlockTokens])
            : 1;

    private long Block(int position) => geometry.Block(blocks[firstBlock + (position / KvCache.BlockTokens)], kvHead);
}
