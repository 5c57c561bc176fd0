namespace Dray.Inference.Tokenization;

/// <summary>Halves of surrogate pairs without their other half, which no UTF-8 exists for.</summary>
internal static class LoneSurrogates
{
    /// <summary>The position of the first lone surrogate, or -1.</summary>
    public static int IndexIn(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var skipped = text[i..].IndexOfAnyInRange('\uD800', '\uDFFF');
            if (skipped < 0) return -1;
            i += skipped;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return i;
            i++;
        }

        return -1;
    }

    /// <summary>The text with U+FFFD in place of each lone surrogate.</summary>
    public static char[] Replace(ReadOnlySpan<char> text)
    {
        var replaced = text.ToArray();
        for (var i = IndexIn(replaced); i >= 0;)
        {
            replaced[i] = '\uFFFD';
            var next = IndexIn(replaced.AsSpan(i + 1));
            i = next < 0 ? -1 : i + 1 + next;
        }

        return replaced;
    }
}
