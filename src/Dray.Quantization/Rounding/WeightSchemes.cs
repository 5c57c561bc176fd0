namespace Dray.Quantization.Rounding;

/// <summary>AutoRound's names of schemes that quantize weights alone.</summary>
public static class WeightSchemes
{
    private static readonly Dictionary<string, WeightScheme> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["W4A16"] = WeightScheme.W4A16,
        ["W2A16"] = new(2, 128, true),
        ["W2A16G32"] = new(2, 32, true),
        ["W2A16G64"] = new(2, 64, true),
        ["W3A16"] = new(3, 128, true),
        ["W8A16"] = new(8, 128, true),
    };

    /// <summary>Gets the names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys];

    /// <summary>The scheme of a name, whose case doesn't matter.</summary>
    /// <exception cref="ArgumentException">There is no such scheme.</exception>
    public static WeightScheme Of(string name) => Known.TryGetValue(name, out var scheme)
        ? scheme
        : throw new ArgumentException($"The scheme is '{name}', but it must be one of {string.Join(", ", Names)}.");
}
