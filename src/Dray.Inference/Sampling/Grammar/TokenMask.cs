using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Sets of tokens: bit <c>id % 64</c> of word <c>id / 64</c>.</summary>
internal static class TokenMask
{
    /// <summary>The number of words for a vocabulary.</summary>
    public static int Words(int vocabulary) => (vocabulary + 63) / 64;

    public static void Set(ulong[] mask, int id) => mask[id >> 6] |= 1UL << id;

    public static bool Contains(ulong[] mask, int id) => (uint)(id >> 6) < (uint)mask.Length && (mask[id >> 6] >> id & 1) != 0;

    /// <summary>Makes the logits of tokens outside a set −∞, those beyond its words too.</summary>
    public static void Apply(ReadOnlySpan<ulong> mask, Span<float> logits)
    {
        var bits = MemoryMarshal.AsBytes(mask);
        var covered = Math.Min(logits.Length, mask.Length * 64);
        var lanes = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        var i = 0;
        for (; i + 8 <= covered; i += 8)
        {
            var eight = bits[i >> 3];
            if (eight == 0xFF) continue;
            var block = logits.Slice(i, 8);
            var kept = Vector256.Equals(Vector256.Create((int)eight) & lanes, lanes).AsSingle();
            Vector256.ConditionalSelect(kept, Vector256.Create<float>(block), Vector256.Create(float.NegativeInfinity)).CopyTo(block);
        }

        for (; i < covered; i++)
        {
            if ((mask[i >> 6] >> i & 1) == 0) logits[i] = float.NegativeInfinity;
        }

        logits[covered..].Fill(float.NegativeInfinity);
    }

    /// <summary>The number of tokens in a set.</summary>
    public static int Count(ReadOnlySpan<ulong> mask)
    {
        var count = 0;
        foreach (var word in mask) count += BitOperations.PopCount(word);
        return count;
    }
}
