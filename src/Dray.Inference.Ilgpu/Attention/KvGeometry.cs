using Dray.Inference.Compute;
using ILGPU;

namespace Dray.Inference.Ilgpu.Attention;

/// <summary>Where numbers lie in a <see cref="DeviceKvCache"/>, for kernels. Word offsets are within a layer.</summary>
internal readonly struct KvGeometry
{
    public readonly int KvHeads;
    public readonly int HeadDim;
    public readonly int HeadWords;
    public readonly int BlockWords;
    public readonly int PerWord;

    public KvGeometry(KvCacheShape shape)
    {
        (KvHeads, HeadDim) = (shape.KvHeads, shape.HeadDim);
        HeadWords = KvCacheDataTypes.HeadWords(shape.DataType, shape.HeadDim);
        BlockWords = checked(KvCache.BlockTokens * 2 * KvCacheDataTypes.HeadBytes(shape.DataType, shape.HeadDim) / sizeof(uint));
        PerWord = KvCacheDataTypes.PerWord(shape.DataType);
    }

    /// <summary>Words of a block's keys of one head, and of its values.</summary>
    public int AreaWords => KvCache.BlockTokens * HeadWords;

    /// <summary>First word of a block of one KV head.</summary>
    public long Block(int block, int kvHead) => (((long)block * KvHeads) + kvHead) * BlockWords;

    /// <summary>A token's key within its block.</summary>
    public int Key(int token) => token * HeadWords;

    /// <summary>The word, within a block, of dimension d of a token's value.</summary>
    public int Value(int token, int d)
    {
        var column = (((d / PerWord * 4) + (token / 4)) * PerWord) + (d % PerWord);
        return AreaWords + (column * (4 / PerWord)) + (token % 4 / PerWord);
    }

    /// <summary>The word, within a block, of a token's key scale; its value's lies a block's tokens further.</summary>
    public int Scale(int token) => (2 * AreaWords) + token;
}
