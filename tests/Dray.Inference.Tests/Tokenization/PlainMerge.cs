using System.Text;

namespace Dray.Inference.Tests.Tokenization;

/// <summary>Byte-pair merging as it is defined: look at all neighbours, merge the lowest rank, the leftmost first, start over.</summary>
internal static class PlainMerge
{
    private static readonly Dictionary<string, int> DemoRanks = Enumerable
        .Range(Tokenizers.Demo.SpecialCount, Tokenizers.Demo.VocabularySize - Tokenizers.Demo.SpecialCount)
        .ToDictionary(id => Convert.ToHexString(Tokenizers.Demo.TokenBytes(id).Span), id => id - Tokenizers.Demo.SpecialCount);

    /// <summary>The demo model's ranks of one piece.</summary>
    public static int[] Ranks(string piece)
    {
        List<string> parts = [.. Encoding.UTF8.GetBytes(piece).Select(value => value.ToString("X2", null))];
        if (DemoRanks.TryGetValue(string.Concat(parts), out var whole)) return [whole];
        while (true)
        {
            var best = -1;
            var bestRank = int.MaxValue;
            for (var i = 0; i + 1 < parts.Count; i++)
            {
                if (!DemoRanks.TryGetValue(parts[i] + parts[i + 1], out var rank) || rank >= bestRank) continue;
                (best, bestRank) = (i, rank);
            }

            if (best < 0) return [.. parts.Select(part => DemoRanks[part])];
            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }
    }
}
