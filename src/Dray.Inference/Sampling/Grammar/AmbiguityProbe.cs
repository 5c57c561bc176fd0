namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// Tries whether the ways to read a text multiply as values nest, as with two branches that are lists of the schema itself: following them
/// all would take time and memory without bound.
/// </summary>
internal static class AmbiguityProbe
{
    private const int Bytes = 400;
    private const int MostRuns = RunSet.MaxRuns / 4;

    /// <summary>Whether a text that nests as soon as it can, within lists or within objects first, has too many readings.</summary>
    public static bool Multiplies(CompiledGrammar grammar) => Multiplies(grammar, "[{\""u8) || Multiplies(grammar, "{[\""u8);

    private static bool Multiplies(CompiledGrammar grammar, ReadOnlySpan<byte> preferred)
    {
        var state = grammar.Start;
        for (var i = 0; i < Bytes && state.Runs.Length > 0; i++)
        {
            if (state.Runs.Length > MostRuns) return true;
            state = Next(grammar, state, preferred);
        }

        return false;
    }

    private static GrammarState Next(CompiledGrammar grammar, GrammarState state, ReadOnlySpan<byte> preferred)
    {
        foreach (var value in preferred)
        {
            if (grammar.Next(state, value) is var next && next != GrammarState.Dead) return next;
        }

        for (var value = 0; value < 256; value++)
        {
            if (grammar.Next(state, (byte)value) is var next && next != GrammarState.Dead) return next;
        }

        return GrammarState.Dead;
    }
}
