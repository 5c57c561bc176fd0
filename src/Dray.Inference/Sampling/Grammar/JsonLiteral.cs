using System.Globalization;
using System.Text;
using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Sampling.Grammar;

/// <summary>Fixed JSON values in the form that answers have: escapes only where JSON wants them, one space at most after colon and comma.</summary>
internal static class JsonLiteral
{
    /// <summary>The shortest escape of a quote, backslash or control character.</summary>
    public static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
    };

    /// <summary>A string with its quotes, in UTF-8; lone surrogates become U+FFFD.</summary>
    public static byte[] Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in text)
        {
            if (character < ' ' || character is '"' or '\\') quoted.Append(Escape(character));
            else quoted.Append(character);
        }

        return Encoding.UTF8.GetBytes(quoted.Append('"').ToString());
    }

    /// <summary>Writes a value into a grammar; returns the state after it.</summary>
    public static int Write(GrammarBuilder builder, int from, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                return builder.Literal(from, Quote(JsonText.Read(value)));
            case JsonValueKind.Array:
                from = builder.Literal(from, "["u8);
                var items = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (items++ > 0) from = builder.Separator(from, ',');
                    from = Write(builder, from, item);
                }

                return builder.Literal(from, "]"u8);
            case JsonValueKind.Object:
                from = builder.Literal(from, "{"u8);
                var members = 0;
                foreach (var member in value.EnumerateObject())
                {
                    if (members++ > 0) from = builder.Separator(from, ',');
                    from = builder.Separator(builder.Literal(from, Quote(JsonText.Name(member))), ':');
                    from = Write(builder, from, member.Value);
                }

                return builder.Literal(from, "}"u8);
            default:
                return builder.Literal(from, Encoding.UTF8.GetBytes(value.GetRawText()));
        }
    }
}
