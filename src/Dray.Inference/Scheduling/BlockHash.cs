using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Dray.Inference.Compute;

namespace Dray.Inference.Scheduling;

/// <summary>
/// Identity of a full KV block: half a SHA-256 over the block before it, its token ids, and the pictures that its picture tokens stand
/// for. Equal hashes mean equal keys and values, whoever computed them.
/// </summary>
/// <param name="Value">128 bits.</param>
internal readonly record struct BlockHash(UInt128 Value)
{
    private const int HeadBytes = 16;

    /// <summary>The hash that a chain begins with: the model's identity.</summary>
    public static BlockHash Root(string modelDigest) => From(SHA256.HashData(MemoryMarshal.AsBytes(modelDigest.AsSpan())));

    /// <summary>The hash of the block after <paramref name="previous"/>.</summary>
    /// <param name="previous">The block before, or the root.</param>
    /// <param name="ids">The block's <see cref="KvCache.BlockTokens"/> token ids.</param>
    /// <param name="pictures">Per picture in the block: its content and where the block stands in it; empty for text.</param>
    public static BlockHash After(BlockHash previous, ReadOnlySpan<int> ids, ReadOnlySpan<byte> pictures)
    {
        Span<byte> text = stackalloc byte[HeadBytes + (KvCache.BlockTokens * sizeof(int))];
        BinaryPrimitives.WriteUInt128LittleEndian(text, previous.Value);
        MemoryMarshal.AsBytes(ids).CopyTo(text[HeadBytes..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (pictures.IsEmpty)
        {
            SHA256.HashData(text, hash);
            return From(hash);
        }

        var all = new byte[text.Length + pictures.Length];
        text.CopyTo(all);
        pictures.CopyTo(all.AsSpan(text.Length));
        SHA256.HashData(all, hash);
        return From(hash);
    }

    private static BlockHash From(ReadOnlySpan<byte> hash) => new(BinaryPrimitives.ReadUInt128LittleEndian(hash));
}
