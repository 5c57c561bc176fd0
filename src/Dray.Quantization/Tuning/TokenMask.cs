namespace Dray.Quantization.Tuning;

/// <summary>Which tokens of a sample count in the loss.</summary>
internal static class TokenMask
{
    /// <summary>
    /// All but the last one, and occurrences of the pad token or, where there is none, repetitions of the last token at the end.
    /// </summary>
    public static bool[] Of(ReadOnlySpan<int> sample, int? padToken)
    {
        var counts = new bool[sample.Length];
        for (var i = 0; i < sample.Length; i++) counts[i] = sample[i] != padToken;
        if (sample.Length == 0) return counts;
        counts[^1] = false;
        if (padToken is not null) return counts;
        for (var i = sample.Length - 2; i >= 0 && sample[i] == sample[^1]; i--) counts[i] = false;
        return counts;
    }
}
