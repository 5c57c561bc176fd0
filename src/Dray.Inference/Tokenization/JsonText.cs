using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Dray.Inference.Tokenization;

/// <summary>Reads JSON strings that the library refuses: those with escapes of lone surrogates, which Python lets through.</summary>
public static class JsonText
{
    /// <summary>The string's text; a lone surrogate stays one, and becomes U+FFFD when it is encoded.</summary>
    /// <exception cref="InvalidOperationException">The value isn't a string, or its bytes aren't UTF-8.</exception>
    public static string Read(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw new InvalidOperationException($"A JSON string was expected but {value.ValueKind} was found.");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            var raw = value.GetRawText();
            return Unescape(raw.AsSpan(1, raw.Length - 2));
        }
    }

    /// <summary>A member's name; empty where it is not valid Unicode, which no name we know is.</summary>
    internal static string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>Resolves the escapes of a well-formed JSON string's inside.</summary>
    internal static string Unescape(ReadOnlySpan<char> inside)
    {
        var text = new StringBuilder(inside.Length);
        for (var i = 0; i < inside.Length; i++)
        {
            if (inside[i] != '\\')
            {
                text.Append(inside[i]);
                continue;
            }

            i++;
            if (inside[i] == 'u')
            {
                text.Append((char)ushort.Parse(inside.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
                continue;
            }

            text.Append(inside[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var c => c });
        }

        return text.ToString();
    }
}
