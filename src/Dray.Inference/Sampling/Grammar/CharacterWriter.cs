namespace Dray.Inference.Sampling.Grammar;

/// <summary>Writes sets of code points into a grammar as UTF-8, or as the characters of a JSON string.</summary>
internal static class CharacterWriter
{
    private static readonly CodePointSet Escaped = CodePointSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\'));
    private static readonly (int Low, int High)[] Lengths = [(0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, 0x10FFFF)];

    /// <summary>One character of a set, in UTF-8.</summary>
    public static void Utf8(GrammarBuilder builder, int from, CodePointSet set, int to)
    {
        foreach (var (low, high) in set.Ranges)
        {
            for (var bytes = 1; bytes <= 4; bytes++)
            {
                var (first, last) = Lengths[bytes - 1];
                (first, last) = (Math.Max(first, low), Math.Min(last, high));
                if (first <= last) Range(builder, from, first, last, bytes, to);
            }
        }
    }

    /// <summary>
    /// One character of a set as it stands in a JSON string: as it is, or, where JSON wants an escape, with the shortest one.
    /// </summary>
    public static void Json(GrammarBuilder builder, int from, CodePointSet set, int to)
    {
        Utf8(builder, from, set.Except(Escaped), to);
        foreach (var (low, high) in Escaped.Ranges)
        {
            for (var codePoint = low; codePoint <= high; codePoint++)
            {
                if (!set.Contains(codePoint)) continue;
                var escape = JsonLiteral.Escape((char)codePoint);
                builder.Empty(builder.Literal(from, System.Text.Encoding.ASCII.GetBytes(escape)), to);
            }
        }
    }

    /// <summary>Any character of a JSON string in any of JSON's spellings, halves of surrogate pairs only in pairs.</summary>
    public static void AnyJson(GrammarBuilder builder, int from, int to)
    {
        Utf8(builder, from, CodePointSet.All.Except(Escaped), to);
        var (escape, unicode, ed, second, third, fourth) =
            (builder.State(), builder.State(), builder.State(), builder.State(), builder.State(), builder.State());
        builder.Byte(from, '\\', escape);
        foreach (var letter in "\"\\/bfnrt") builder.Byte(escape, letter, to);
        builder.Byte(escape, 'u', unicode);

        Hex(builder, unicode, "0123456789abcefABCEF", second);
        foreach (var letter in "dD") builder.Byte(unicode, letter, ed);
        Hex(builder, ed, "01234567", third);
        Hex(builder, second, HexDigits, third);
        Hex(builder, third, HexDigits, fourth);
        Hex(builder, fourth, HexDigits, to);

        var pair = ed;
        foreach (var digits in new[] { "89abAB", HexDigits, HexDigits, "\\", "u", "dD", "cdefCDEF", HexDigits, HexDigits })
        {
            var next = builder.State();
            Hex(builder, pair, digits, next);
            pair = next;
        }

        builder.Empty(pair, to);
    }

    private const string HexDigits = "0123456789abcdefABCDEF";

    private static void Hex(GrammarBuilder builder, int from, string digits, int to)
    {
        foreach (var digit in digits) builder.Byte(from, digit, to);
    }

    /// <summary>Code points of one encoded length: split until first bytes are free to go with any continuation.</summary>
    private static void Range(GrammarBuilder builder, int from, int low, int high, int bytes, int to)
    {
        if (bytes == 1)
        {
            builder.Bytes(from, low, high, to);
            return;
        }

        var lead = bytes switch { 2 => 0xC0, 3 => 0xE0, _ => 0xF0 };
        Continue(builder, from, low, high, bytes - 1, lead, to);
    }

    private static void Continue(GrammarBuilder builder, int from, int low, int high, int rest, int mark, int to)
    {
        if (rest == 0)
        {
            builder.Bytes(from, mark + low, mark + high, to);
            return;
        }

        var shift = 6 * rest;
        var size = 1 << shift;
        var (first, last) = (low >> shift, high >> shift);
        if (first == last)
        {
            if (low % size == 0 && high % size == size - 1)
            {
                builder.Bytes(from, mark + first, mark + first, builder.Continuation(to, rest));
                return;
            }

            var next = builder.State();
            builder.Bytes(from, mark + first, mark + first, next);
            Continue(builder, next, low % size, high % size, rest - 1, 0x80, to);
            return;
        }

        if (low % size != 0)
        {
            Continue(builder, from, low, ((first + 1) * size) - 1, rest, mark, to);
            first++;
        }

        if (high % size != size - 1)
        {
            Continue(builder, from, last * size, high, rest, mark, to);
            last--;
        }

        if (first <= last) builder.Bytes(from, mark + first, mark + last, builder.Continuation(to, rest));
    }
}
