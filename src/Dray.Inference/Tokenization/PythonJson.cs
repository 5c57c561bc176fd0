using System.Globalization;
using System.Text;

namespace Dray.Inference.Tokenization;

/// <summary>
/// JSON as Python's <c>json.dumps(json.loads(text), ensure_ascii=False)</c> prints it, the form that the models were trained on:
/// <c>", "</c> and <c>": "</c>, keys in order, numbers by Python's repr, and <c>NaN</c> and <c>Infinity</c> on both sides.
/// </summary>
internal ref struct PythonJson
{
    /// <summary>How deep values may be nested; Python itself gives up at about 1000.</summary>
    public const int MaxDepth = 512;

    private readonly ReadOnlySpan<char> _json;
    private readonly StringBuilder _printed;
    private int _position;

    private PythonJson(ReadOnlySpan<char> json, StringBuilder printed)
    {
        _json = json;
        _printed = printed;
    }

    /// <summary>
    /// Reprints JSON; false where Python would refuse the text, or where it is nested deeper than <see cref="MaxDepth"/>.
    /// </summary>
    public static bool TryReprint(ReadOnlySpan<char> json, out string printed)
    {
        var reader = new PythonJson(json, new StringBuilder(json.Length + (json.Length / 8)));
        reader.SkipBlanks();
        var read = reader.Value(MaxDepth);
        reader.SkipBlanks();
        printed = read && reader._position == json.Length ? reader._printed.ToString() : "";
        return printed.Length > 0;
    }

    private bool Value(int depth)
    {
        if (_position == _json.Length || depth == 0) return false;
        switch (_json[_position])
        {
            case '{':
                return Object(depth);
            case '[':
                return Array(depth);
            case '"':
                if (!String(out var text)) return false;
                PythonText.AppendQuoted(_printed, text);
                return true;
            default:
                return Word("true") || Word("false") || Word("null") || Word("NaN") || Word("Infinity") || Word("-Infinity") || Number();
        }
    }

    private bool Object(int depth)
    {
        var start = _printed.Length;
        List<Member>? members = null;
        HashSet<string>? keys = null;
        var repeated = false;
        _printed.Append('{');
        _position++;
        SkipBlanks();
        if (Take('}')) return Close('}');
        do
        {
            SkipBlanks();
            if (!String(out var key)) return false;
            SkipBlanks();
            if (!Take(':')) return false;
            SkipBlanks();
            if (members is not null) _printed.Append(", ");
            PythonText.AppendQuoted(_printed, key);
            _printed.Append(": ");
            var valueStart = _printed.Length;
            if (!Value(depth - 1)) return false;
            (members ??= []).Add(new Member(key, valueStart, _printed.Length));
            repeated |= !(keys ??= new HashSet<string>(StringComparer.Ordinal)).Add(key);
            SkipBlanks();
        }
        while (Take(','));
        if (!Take('}')) return false;
        if (repeated) KeepLastValues(start, members);
        return Close('}');
    }

    /// <summary>Of members with one key, a Python dict keeps the first's place and the last's value.</summary>
    private readonly void KeepLastValues(int start, List<Member> members)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var member in members)
        {
            if (!values.ContainsKey(member.Key)) order.Add(member.Key);
            values[member.Key] = _printed.ToString(member.ValueStart, member.ValueEnd - member.ValueStart);
        }

        _printed.Length = start + 1;
        for (var i = 0; i < order.Count; i++)
        {
            if (i > 0) _printed.Append(", ");
            PythonText.AppendQuoted(_printed, order[i]);
            _printed.Append(": ").Append(values[order[i]]);
        }
    }

    private bool Array(int depth)
    {
        _printed.Append('[');
        _position++;
        SkipBlanks();
        if (Take(']')) return Close(']');
        var first = true;
        do
        {
            SkipBlanks();
            if (!first) _printed.Append(", ");
            first = false;
            if (!Value(depth - 1)) return false;
            SkipBlanks();
        }
        while (Take(','));
        return Take(']') && Close(']');
    }

    private bool String(out string text)
    {
        text = "";
        if (!Take('"')) return false;
        var start = _position;
        while (_position < _json.Length)
        {
            switch (_json[_position++])
            {
                case '"':
                    text = JsonText.Unescape(_json[start..(_position - 1)]);
                    return true;
                case '\\':
                    if (!Escape()) return false;
                    break;
                case < ' ':
                    return false;
            }
        }

        return false;
    }

    private bool Escape()
    {
        if (_position == _json.Length) return false;
        var kind = _json[_position++];
        if (kind != 'u') return kind is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't';
        if (_position + 4 > _json.Length) return false;
        for (var i = 0; i < 4; i++)
        {
            if (!char.IsAsciiHexDigit(_json[_position++])) return false;
        }

        return true;
    }

    private bool Number()
    {
        var start = _position;
        Take('-');
        if (!Take('0') && !Digits()) return false;
        var integerEnd = _position;
        if (Take('.') && !Digits()) _position = integerEnd;
        var fractionEnd = _position;
        if (_position < _json.Length && _json[_position] is 'e' or 'E')
        {
            _position++;
            if (_position < _json.Length && _json[_position] is '+' or '-') _position++;
            if (!Digits()) _position = fractionEnd;
        }

        var number = _json[start.._position];
        if (_position != integerEnd) _printed.Append(PythonText.Repr(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture)));
        else _printed.Append(number is "-0" ? "0" : number);
        return true;
    }

    private bool Digits()
    {
        var start = _position;
        while (_position < _json.Length && char.IsAsciiDigit(_json[_position])) _position++;
        return _position > start;
    }

    private bool Word(string word)
    {
        if (!_json[_position..].StartsWith(word, StringComparison.Ordinal)) return false;
        _position += word.Length;
        _printed.Append(word);
        return true;
    }

    private bool Take(char character)
    {
        if (_position == _json.Length || _json[_position] != character) return false;
        _position++;
        return true;
    }

    private readonly bool Close(char character)
    {
        _printed.Append(character);
        return true;
    }

    private void SkipBlanks()
    {
        while (_position < _json.Length && _json[_position] is ' ' or '\t' or '\n' or '\r') _position++;
    }

    private readonly record struct Member(string Key, int ValueStart, int ValueEnd);
}
