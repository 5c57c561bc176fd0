namespace Dray.Inference.Sampling.Grammar;

/// <summary>Writes JSON strings into a grammar.</summary>
internal static class JsonStringWriter
{
    /// <summary>A string of a length in code points; <see cref="int.MaxValue"/> is without end.</summary>
    public static void Any(GrammarBuilder builder, int from, int least, int most, int to)
    {
        var (open, close) = (builder.State(), builder.State());
        builder.Byte(from, '"', open);
        builder.Byte(close, '"', to);
        if (least == 0 && most == int.MaxValue)
        {
            builder.MarkFreeText(open, FreeText.Unlimited);
            CharacterWriter.AnyJson(builder, open, open);
            builder.Empty(open, close);
            return;
        }

        var (loop, character) = (builder.State(), builder.State());
        builder.Count(open, least, most, loop, close);
        builder.Exit(loop);
        builder.Iterate(loop, character);
        CharacterWriter.AnyJson(builder, character, loop);
        builder.MarkFreeText(character, FreeText.Counted);
    }

    /// <summary>A string that matches a pattern.</summary>
    public static void Matching(GrammarBuilder builder, int from, RegexAutomaton pattern, int least, int most, int to)
    {
        var (open, close) = (builder.State(), builder.State());
        builder.Byte(from, '"', open);
        builder.Byte(close, '"', to);
        pattern.Write(builder, open, close, CharacterWriter.Json, least, most);
    }

    /// <summary>A string that is none of <paramref name="names"/>, whose beginnings aren't spelt with escapes.</summary>
    public static void Except(GrammarBuilder builder, int from, IReadOnlyCollection<string> names, int to)
    {
        if (names.Count == 0)
        {
            Any(builder, from, 0, int.MaxValue, to);
            return;
        }

        var (open, other, close) = (builder.State(), builder.State(), builder.State());
        builder.Byte(from, '"', open);
        builder.Byte(close, '"', to);
        builder.MarkFreeText(other, FreeText.Unlimited);
        CharacterWriter.AnyJson(builder, other, other);
        builder.Empty(other, close);
        ExceptFrom(builder, open, [.. names.Select(name => name.EnumerateRunes().ToArray())], 0, other, close);
    }

    private static void ExceptFrom(GrammarBuilder builder, int state, List<System.Text.Rune[]> names, int position, int other, int close)
    {
        if (names.All(name => name.Length != position)) builder.Empty(state, close);
        var continued = names.Where(name => name.Length > position).GroupBy(name => name[position].Value).ToArray();
        CharacterWriter.Json(builder, state, CodePointSet.Of(continued.Select(group => (group.Key, group.Key))).Complement(), other);
        foreach (var group in continued)
        {
            var next = builder.State();
            CharacterWriter.Json(builder, state, CodePointSet.Of(group.Key), next);
            ExceptFrom(builder, next, [.. group], position + 1, other, close);
        }
    }
}
