using System.Globalization;

namespace Dray.Inference.Tokenization;

/// <summary>
/// Classifies text by whole code points. .NET's <c>Regex</c> sees UTF-16 halves, so that <c>\p{L}</c> misses every letter beyond
/// U+FFFF; this is why patterns are matched by hand.
/// </summary>
internal static class CharacterClasses
{
    private static readonly byte[] Plane0 = Build();

    /// <summary>The class of the code point that starts at <paramref name="index"/>.</summary>
    /// <param name="text">Text without lone surrogates.</param>
    /// <param name="index">The position of a code point's first unit.</param>
    /// <param name="units">The code point's length, 1 or 2.</param>
    public static CharacterClass At(ReadOnlySpan<char> text, int index, out int units)
    {
        var unit = text[index];
        if (!char.IsHighSurrogate(unit) || index + 1 == text.Length)
        {
            units = 1;
            return (CharacterClass)Plane0[unit];
        }

        units = 2;
        return Of(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(unit, text[index + 1])));
    }

    /// <summary>Whether a code point starts at <paramref name="index"/> that has any of <paramref name="classes"/>.</summary>
    public static bool Is(ReadOnlySpan<char> text, int index, CharacterClass classes) =>
        index < text.Length && (At(text, index, out _) & classes) != 0;

    /// <summary>The end of the run of code points from <paramref name="index"/> that have any of <paramref name="classes"/>.</summary>
    public static int SkipAny(ReadOnlySpan<char> text, int index, CharacterClass classes)
    {
        while (index < text.Length && (At(text, index, out var units) & classes) != 0) index += units;
        return index;
    }

    /// <summary>The end of the run of code points from <paramref name="index"/> that have none of <paramref name="classes"/>.</summary>
    public static int SkipNone(ReadOnlySpan<char> text, int index, CharacterClass classes)
    {
        while (index < text.Length && (At(text, index, out var units) & classes) == 0) index += units;
        return index;
    }

    private static byte[] Build()
    {
        var table = new byte[char.MaxValue + 1];
        for (var unit = 0; unit < table.Length; unit++)
        {
            var classes = Of(CharUnicodeInfo.GetUnicodeCategory((char)unit));
            if (char.IsWhiteSpace((char)unit)) classes |= CharacterClass.Space;
            if (unit is '\r' or '\n') classes |= CharacterClass.NewLine;
            table[unit] = (byte)classes;
        }

        return table;
    }

    private static CharacterClass Of(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Letter | CharacterClass.WordHead,
        UnicodeCategory.LowercaseLetter => CharacterClass.Letter | CharacterClass.WordTail,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter =>
            CharacterClass.Letter | CharacterClass.WordHead | CharacterClass.WordTail,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark =>
            CharacterClass.WordHead | CharacterClass.WordTail,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => CharacterClass.Other,
    };
}
