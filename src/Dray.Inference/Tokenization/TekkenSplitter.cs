using static Dray.Inference.Tokenization.CharacterClass;
using static Dray.Inference.Tokenization.CharacterClasses;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Tekken's pattern, matched by hand. Its alternatives are tried in order, as a backtracking engine would:
/// <code>
/// [^\r\n\p{L}\p{N}]? head* tail+      head = [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
/// [^\r\n\p{L}\p{N}]? head+ tail*      tail = [\p{Ll}\p{Lm}\p{Lo}\p{M}]
/// \p{N}
///  ?[^\s\p{L}\p{N}]+[\r\n/]*
/// \s*[\r\n]+
/// \s+(?!\S)
/// \s+
/// </code>
/// </summary>
internal sealed class TekkenSplitter : ITextSplitter
{
    /// <summary>The pattern as tekken.json spells it.</summary>
    public const string Pattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" +
        @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" +
        @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        var first = At(text, start, out var units);
        var afterFirst = start + units;
        var mayLead = (first & (NewLine | Letter | Number)) == 0;

        var end = mayLead ? HeadsThenTail(text, afterFirst) : -1;
        if (end < 0) end = HeadsThenTail(text, start);
        if (end < 0 && mayLead) end = HeadThenTails(text, afterFirst);
        if (end < 0) end = HeadThenTails(text, start);
        if (end >= 0) return end;

        if ((first & Number) != 0) return afterFirst;
        var symbols = text[start] == ' ' ? afterFirst : start;
        end = SkipNone(text, symbols, Space | Letter | Number);
        return end > symbols ? SkipNewLinesAndSlashes(text, end) : SpacesEnd(text, start);
    }

    /// <summary><c>head* tail+</c>, or -1. Heads give back what the tail needs.</summary>
    private static int HeadsThenTail(ReadOnlySpan<char> text, int start)
    {
        var lastTailEnd = -1;
        var index = start;
        while (index < text.Length)
        {
            var found = At(text, index, out var units);
            if ((found & WordHead) == 0) break;
            index += units;
            if ((found & WordTail) != 0) lastTailEnd = index;
        }

        var end = SkipAny(text, index, WordTail);
        return end > index ? end : lastTailEnd;
    }

    /// <summary><c>head+ tail*</c>, or -1.</summary>
    private static int HeadThenTails(ReadOnlySpan<char> text, int start)
    {
        var end = SkipAny(text, start, WordHead);
        return end > start ? SkipAny(text, end, WordTail) : -1;
    }

    private static int SkipNewLinesAndSlashes(ReadOnlySpan<char> text, int index)
    {
        while (index < text.Length && text[index] is '\r' or '\n' or '/') index++;
        return index;
    }

    /// <summary>The last three alternatives; every blank is a single UTF-16 unit.</summary>
    private static int SpacesEnd(ReadOnlySpan<char> text, int start)
    {
        var end = SkipAny(text, start, Space);
        var lastNewLine = text[start..end].LastIndexOfAny('\r', '\n');
        if (lastNewLine >= 0) return start + lastNewLine + 1;
        return end == text.Length || end == start + 1 ? end : end - 1;
    }
}
