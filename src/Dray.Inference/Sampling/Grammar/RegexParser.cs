using System.Globalization;
using System.Text;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>
/// Reads the regular part of ECMAScript's regular expressions: literals, classes, groups, alternation, quantifiers, anchors at the ends.
/// Whatever else there is, look-around and back-references above all, is refused by name.
/// </summary>
internal sealed class RegexParser
{
    private const int LongestPattern = 10_000;
    private const int DeepestGroup = 100;
    private const int MostRepeats = 10_000;

    private readonly string _pattern;
    private readonly string _field;
    private int _position;
    private int _depth;

    private RegexParser(string pattern, string field) => (_pattern, _field) = (pattern, field);

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="field">The request's field that holds it, which errors name.</param>
    /// <exception cref="RequestRejectedException">The pattern is broken or not regular.</exception>
    public static RegexNode Parse(string pattern, string field)
    {
        var parser = new RegexParser(pattern, field);
        if (pattern.Length > LongestPattern) throw parser.Refused($"has {pattern.Length} characters; at most {LongestPattern} are allowed");
        var node = parser.Alternatives();
        return parser._position == pattern.Length ? node : throw parser.Refused("has a ')' without '('");
    }

    private RegexNode Alternatives()
    {
        if (++_depth > DeepestGroup) throw Refused($"nests groups deeper than {DeepestGroup}");
        var options = new List<RegexNode> { Sequence() };
        while (Take('|')) options.Add(Sequence());
        _depth--;
        return options.Count == 1 ? options[0] : new RegexNode.Choice(options);
    }

    private RegexNode.Sequence Sequence()
    {
        var parts = new List<RegexNode>();
        while (_position < _pattern.Length && Current is not ('|' or ')')) parts.Add(Quantified(Atom()));
        return new RegexNode.Sequence(parts);
    }

    private char Current => _pattern[_position];

    private RegexNode Atom()
    {
        var start = _position;
        switch (Current)
        {
            case '^':
                _position++;
                return new RegexNode.StartAnchor();
            case '$':
                _position++;
                return new RegexNode.EndAnchor();
            case '(':
                return Group();
            case '[':
                return new RegexNode.Characters(Class());
            case '.':
                _position++;
                return new RegexNode.Characters(RegexSyntax.Dot);
            case '\\':
                _position++;
                return new RegexNode.Characters(Escape(inClass: false));
            case '*' or '+' or '?':
                throw Refused($"has a '{Current}' at {start} with nothing before it to repeat");
            default:
                return new RegexNode.Characters(CodePointSet.Of(CodePoint()));
        }
    }

    private RegexNode Group()
    {
        _position++;
        if (Take('?'))
        {
            if (Take('<') && _position < _pattern.Length && Current is not ('=' or '!'))
            {
                var end = _pattern.IndexOf('>', _position);
                if (end < 0) throw Refused("has a named group without '>'");
                _position = end + 1;
            }
            else if (!Take(':'))
            {
                throw Refused($"uses '(?{(_position < _pattern.Length ? Current : ' ')}', look-around or inline flags, which can't be turned into a grammar");
            }
        }

        var node = Alternatives();
        return Take(')') ? node : throw Refused("has a '(' without ')'");
    }

    private RegexNode Quantified(RegexNode node)
    {
        while (_position < _pattern.Length)
        {
            var (least, most) = (0, int.MaxValue);
            if (Take('*')) (least, most) = (0, int.MaxValue);
            else if (Take('+')) (least, most) = (1, int.MaxValue);
            else if (Take('?')) (least, most) = (0, 1);
            else if (!TakeBounds(out least, out most)) return node;
            if (node is RegexNode.StartAnchor or RegexNode.EndAnchor) throw Refused("repeats an anchor");
            node = new RegexNode.Repeat(node, least, most);
            // Laziness changes which match is found, not what matches; possessiveness would change that.
            if (Take('?')) continue;
            if (_position < _pattern.Length && Current == '+') throw Refused("uses a possessive quantifier, which isn't supported");
        }

        return node;
    }

    /// <summary>Takes <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; other braces are plain characters.</summary>
    private bool TakeBounds(out int least, out int most)
    {
        (least, most) = (0, 0);
        if (Current != '{') return false;
        var end = _pattern.IndexOf('}', _position);
        if (end < 0) return false;
        var bounds = _pattern[(_position + 1)..end].Split(',');
        if (bounds.Length > 2 || !Number(bounds[0], out least)) return false;
        most = least;
        if (bounds.Length == 2)
        {
            most = int.MaxValue;
            if (bounds[1].Length > 0 && !Number(bounds[1], out most)) return false;
        }

        _position = end + 1;
        if (most < least) throw Refused($"has bounds {{{least},{most}}} in the wrong order");
        return true;
    }

    private bool Number(string digits, out int value)
    {
        value = 0;
        if (digits.Length == 0 || !digits.All(char.IsAsciiDigit)) return false;
        if (int.TryParse(digits, CultureInfo.InvariantCulture, out value) && value <= MostRepeats) return true;
        throw Refused($"repeats {digits} times; at most {MostRepeats} are allowed");
    }

    private CodePointSet Class()
    {
        _position++;
        var negated = Take('^');
        var set = CodePointSet.Of([]);
        while (true)
        {
            if (_position >= _pattern.Length) throw Refused("has a '[' without ']'");
            if (Take(']')) break;
            var first = ClassItem();
            if (_position + 1 < _pattern.Length && Current == '-' && _pattern[_position + 1] != ']' && Single(first) is { } low)
            {
                _position++;
                var high = Single(ClassItem()) ?? throw Refused("has a range that ends in a class");
                if (high < low) throw Refused("has a range in the wrong order");
                first = CodePointSet.Of((low, high));
            }

            set = set.Union(first);
        }

        return negated ? set.Complement() : set;
    }

    private CodePointSet ClassItem()
    {
        if (_position >= _pattern.Length) throw Refused("has a '[' without ']'");
        return Take('\\') ? Escape(inClass: true) : CodePointSet.Of(CodePoint());
    }

    private static int? Single(CodePointSet set) => set.Ranges is [var only] && only.Low == only.High ? only.Low : null;

    private CodePointSet Escape(bool inClass)
    {
        if (_position >= _pattern.Length) throw Refused("ends in a backslash");
        var letter = _pattern[_position++];
        if (RegexSyntax.Class(letter) is { } known) return known;
        return letter switch
        {
            't' => CodePointSet.Of('\t'),
            'n' => CodePointSet.Of('\n'),
            'r' => CodePointSet.Of('\r'),
            'f' => CodePointSet.Of('\f'),
            'v' => CodePointSet.Of('\v'),
            '0' => CodePointSet.Of(0),
            'b' when inClass => CodePointSet.Of('\b'),
            'x' => CodePointSet.Of(Hex(2)),
            'u' => CodePointSet.Of(Utf16()),
            >= '1' and <= '9' or 'k' => throw Refused($"uses the back-reference '\\{letter}', which can't be turned into a grammar"),
            'b' or 'B' or 'A' or 'Z' or 'z' or 'G' => throw Refused($"uses '\\{letter}', a boundary, which isn't supported; use ^ and $ at the ends"),
            'p' or 'P' => throw Refused($"uses '\\{letter}', a Unicode property, which isn't supported; write the ranges out"),
            _ when char.IsAsciiLetterOrDigit(letter) => throw Refused($"uses the unknown escape '\\{letter}'"),
            _ => CodePointSet.Of(letter),
        };
    }

    private int Utf16()
    {
        if (Take('{'))
        {
            var end = _pattern.IndexOf('}', _position);
            if (end < 0 || end - _position is < 1 or > 6) throw Refused("has a broken \\u{...}");
            var value = Hex(end - _position);
            _position++;
            return value <= 0x10FFFF ? value : throw Refused("has a \\u{...} beyond U+10FFFF");
        }

        var unit = Hex(4);
        if (!char.IsHighSurrogate((char)unit)) return unit;
        if (!Take('\\') || !Take('u')) throw Refused("has half of a surrogate pair");
        var low = Hex(4);
        return char.IsLowSurrogate((char)low) ? char.ConvertToUtf32((char)unit, (char)low) : throw Refused("has half of a surrogate pair");
    }

    private int Hex(int digits)
    {
        if (_position + digits > _pattern.Length
            || !int.TryParse(_pattern.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            throw Refused("has a broken hexadecimal escape");
        }

        _position += digits;
        return value;
    }

    private int CodePoint()
    {
        if (Rune.TryGetRuneAt(_pattern, _position, out var rune))
        {
            _position += rune.Utf16SequenceLength;
            return rune.Value;
        }

        throw Refused("has half of a surrogate pair");
    }

    private bool Take(char expected)
    {
        if (_position >= _pattern.Length || _pattern[_position] != expected) return false;
        _position++;
        return true;
    }

    private RequestRejectedException Refused(string what)
    {
        var shown = _pattern.Length <= 80 ? _pattern : $"{_pattern[..80]}...";
        return new RequestRejectedException(RequestErrorCodes.SchemaInvalid, $"'{_field}': the pattern '{shown}' {what}.", _field);
    }
}
