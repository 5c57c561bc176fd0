using Dray.Inference;

namespace Dray.Cli.Configuration;

/// <summary>The keys of <c>override_generation_config</c>.</summary>
internal static class GenerationKeys
{
    private static readonly Dictionary<string, Func<GenerationOverrides, ConfigurationValue, GenerationOverrides>> Setters = new()
    {
        ["temperature"] = (to, value) => to with { Temperature = value.Number<GenerationOverrides>(nameof(GenerationOverrides.Temperature)) },
        ["top_p"] = (to, value) => to with { TopP = value.Number<GenerationOverrides>(nameof(GenerationOverrides.TopP)) },
        ["top_k"] = (to, value) => to with { TopK = value.Integer<GenerationOverrides>(nameof(GenerationOverrides.TopK)) },
        ["min_p"] = (to, value) => to with { MinP = value.Number<GenerationOverrides>(nameof(GenerationOverrides.MinP)) },
        ["repetition_penalty"] = (to, value) => to with
        {
            RepetitionPenalty = value.Number<GenerationOverrides>(nameof(GenerationOverrides.RepetitionPenalty)),
        },
        ["max_new_tokens"] = (to, value) => to with { MaxNewTokens = value.Integer<GenerationOverrides>(nameof(GenerationOverrides.MaxNewTokens)) },
    };

    /// <summary>Sets every entry.</summary>
    /// <exception cref="CommandException">There is no such key, or a value is refused.</exception>
    public static void Set(DrayConfiguration to, ConfigurationValue value)
    {
        foreach (var entry in value.Entries())
        {
            var key = entry.Name[(entry.Name.IndexOf('.', StringComparison.Ordinal) + 1)..];
            if (!Setters.TryGetValue(key, out var set)) throw entry.Unknown(Setters.Keys);
            to.Engine = to.Engine with { GenerationOverrides = set(to.Engine.GenerationOverrides, entry) };
        }
    }
}
