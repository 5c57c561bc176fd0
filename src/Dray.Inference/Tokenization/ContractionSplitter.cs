using static Dray.Inference.Tokenization.CharacterClass;
using static Dray.Inference.Tokenization.CharacterClasses;

namespace Dray.Inference.Tokenization;

/// <summary>
/// GPT-2's pattern with digits taken one by one, as SmolLM2's tekken.json has it:
/// <code>'s|'t|'re|'ve|'m|'ll|'d|\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+</code>
/// </summary>
internal sealed class ContractionSplitter : ITextSplitter
{
    /// <summary>The pattern as tekken.json spells it.</summary>
    public const string Pattern =
        @"'s|'t|'re|'ve|'m|'ll|'d|\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+";

    /// <inheritdoc/>
    public int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction(text[(start + 1)..]) is > 0 and var letters) return start + 1 + letters;
        if ((At(text, start, out var units) & Number) != 0) return start + units;

        var word = text[start] == ' ' ? start + 1 : start;
        var end = SkipAny(text, word, Letter);
        if (end > word) return end;
        end = SkipNone(text, word, Space | Letter | Number);
        if (end > word) return end;

        end = SkipAny(text, start, Space);
        return end == text.Length || end == start + 1 || Is(text, end, Number) ? end : end - 1;
    }

    private static int Contraction(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] or ['l', 'l', ..] => 2,
        _ => 0,
    };
}
