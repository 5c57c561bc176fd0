using Dray.Quantization.Tuning;

namespace Dray.Quantization;

/// <summary>AutoRound's recipes with a better loss and beginning, and the reference model's as it was.</summary>
public static class QuantizationRecipes
{
    /// <summary>The recipe that is taken where none is asked for.</summary>
    public const string Standard = "default";

    private static readonly Dictionary<string, QuantizationOptions> Known = new(StringComparer.Ordinal)
    {
        [Standard] = new(),
        ["best"] = new() { Recipe = "best", Iterations = 1000, Samples = 512 },
        ["light"] = new() { Recipe = "light", Iterations = 50, LearningRate = 5e-3 },
        ["rtn"] = new() { Recipe = "rtn", Iterations = 0, Samples = 1, SearchesScales = false },
        ["opt-rtn"] = new() { Recipe = "opt-rtn", Iterations = 0 },
        ["seed"] = new()
        {
            Recipe = "seed", Iterations = 1000, Samples = 512, BatchSize = 4, SavesDeviceMemory = true, SearchesScales = false, Loss = LossKind.Mse,
        },
    };

    /// <summary>Gets the names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Keys];

    /// <summary>The options of a recipe.</summary>
    /// <exception cref="ArgumentException">There is no such recipe.</exception>
    public static QuantizationOptions Of(string name) => Known.TryGetValue(name, out var options)
        ? options
        : throw new ArgumentException($"The recipe is '{name}', but it must be one of {string.Join(", ", Names)}.");
}
