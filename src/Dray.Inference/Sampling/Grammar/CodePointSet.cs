namespace Dray.Inference.Sampling.Grammar;

/// <summary>A set of Unicode code points without surrogates, as sorted ranges that don't touch.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;

    private CodePointSet(List<(int Low, int High)> ranges) => Ranges = ranges;

    /// <summary>Gets every code point.</summary>
    public static CodePointSet All { get; } = Of((0, Last));

    /// <summary>Gets the ranges, both ends included.</summary>
    public IReadOnlyList<(int Low, int High)> Ranges { get; }

    /// <summary>Gets whether it holds nothing.</summary>
    public bool IsEmpty => Ranges.Count == 0;

    /// <summary>The set of one code point.</summary>
    public static CodePointSet Of(int codePoint) => Of((codePoint, codePoint));

    /// <summary>The set of ranges in any order, surrogates taken out.</summary>
    public static CodePointSet Of(params IEnumerable<(int Low, int High)> ranges)
    {
        var parts = new List<(int Low, int High)>();
        foreach (var (low, high) in ranges)
        {
            if (low < 0xD800) parts.Add((low, Math.Min(high, 0xD7FF)));
            if (high > 0xDFFF) parts.Add((Math.Max(low, 0xE000), high));
        }

        parts.Sort();
        var merged = new List<(int Low, int High)>();
        foreach (var (low, high) in parts)
        {
            if (merged.Count > 0 && low <= merged[^1].High + 1) merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, high));
            else merged.Add((low, high));
        }

        return new CodePointSet(merged);
    }

    public bool Contains(int codePoint)
    {
        foreach (var (low, high) in Ranges)
        {
            if (codePoint <= high) return codePoint >= low;
        }

        return false;
    }

    public CodePointSet Union(CodePointSet other) => Of(Ranges.Concat(other.Ranges));

    public CodePointSet Complement()
    {
        var ranges = new List<(int Low, int High)>();
        var next = 0;
        foreach (var (low, high) in Ranges)
        {
            if (low > next) ranges.Add((next, low - 1));
            next = high + 1;
        }

        if (next <= Last) ranges.Add((next, Last));
        return Of(ranges);
    }

    public CodePointSet Except(CodePointSet other) => Complement().Union(other).Complement();
}
