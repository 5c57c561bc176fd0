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

    private readonly ReadOnlySpan<char> json;
    private readonly StringBuilder printed;
    private int position;

    private PythonJson(ReadOnlySpan<char> json, StringBuilder printed)
    {
        this.json = json;
        this.printed = printed;
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
        printed = read && reader.position == json.Length ? reader.printed.ToString() : "";
        return printed.Length > 0;
    }

    private bool Value(int depth)
    {
        if (position == json.Length || depth == 0) return false;
        switch (json[position])
        {
            case '{':
                return Object(depth);
            case '[':
                return Array(depth);
            case '"':
                if (!String(out var text)) return false;
                PythonText.AppendQuoted(printed, text);
                return true;
            default:
                return Word("true") || Word("false") || Word("null") || Word("NaN") || Word("Infinity") || Word("-Infinity") || Number();
        }
    }

    private bool Object(int depth)
    {
        var start = printed.Length;
        List<Member>? members = null;
        HashSet<string>? keys = null;
        var repeated = false;
        printed.Append('{');
        position++;
        SkipBlanks();
        if (Take('}')) return Close('}');
        do
        {
            SkipBlanks();
            if (!String(out var key)) return false;
            SkipBlanks();
            if (!Take(':')) return false;
            SkipBlanks();
            if (members is not null) printed.Append(", ");
            PythonText.AppendQuoted(printed, key);
            printed.Append(": ");
            var valueStart = printed.Length;
            if (!Value(depth - 1)) return false;
            (members ??= []).Add(new Member(key, valueStart, printed.Length));
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
            values[member.Key] = printed.ToString(member.ValueStart, member.ValueEnd - member.ValueStart);
        }

        printed.Length = start + 1;
        for (var i = 0; i < order.Count; i++)
        {
            if (i > 0) printed.Append(", ");
            PythonText.AppendQuoted(printed, order[i]);
            printed.Append(": ").Append(values[order[i]]);
        }
    }

    private bool Array(int depth)
    {
        printed.Append('[');
        position++;
        SkipBlanks();
        if (Take(']')) return Close(']');
        var first = true;
        do
        {
            SkipBlanks();
            if (!first) printed.Append(", ");
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
        var start = position;
        while (position < json.Length)
        {
            switch (json[position++])
            {
                case '"':
                    text = JsonText.Unescape(json[start..(position - 1)]);
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
        if (position == json.Length) return false;
        var kind = json[position++];
        if (kind != 'u') return kind is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't';
        if (position + 4 > json.Length) return false;
        for (var i = 0; i < 4; i++)
        {
            if (!char.IsAsciiHexDigit(json[position++])) return false;
        }

        return true;
    }

    private bool Number()
    {
        var start = position;
        Take('-');
        if (!Take('0') && !Digits()) return false;
        var integerEnd = position;
        if (Take('.') && !Digits()) position = integerEnd;
        var fractionEnd = position;
        if (position < json.Length && json[position] is 'e' or 'E')
        {
            position++;
            if (position < json.Length && json[position] is '+' or '-') position++;
            if (!Digits()) position = fractionEnd;
        }

        var number = json[start..position];
        if (position != integerEnd) printed.Append(PythonText.Repr(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture)));
        else printed.Append(number is "-0" ? "0" : number);
        return true;
    }

    private bool Digits()
    {
        var start = position;
        while (position < json.Length && char.IsAsciiDigit(json[position])) position++;
        return position > start;
    }

    private bool Word(string word)
    {
        if (!json[position..].StartsWith(word, StringComparison.Ordinal)) return false;
        position += word.Length;
        printed.Append(word);
        return true;
    }

    private bool Take(char character)
    {
        if (position == json.Length || json[position] != character) return false;
        position++;
        return true;
    }

    private readonly bool Close(char character)
    {
        printed.Append(character);
        return true;
    }

    private void SkipBlanks()
    {
        while (position < json.Length && json[position] is ' ' or '\t' or '\n' or '\r') position++;
    }

    private readonly record struct Member(string Key, int ValueStart, int ValueEnd);
}
