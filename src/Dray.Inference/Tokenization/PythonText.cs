using System.Globalization;
using System.Text;

namespace Dray.Inference.Tokenization;

/// <summary>Strings and floats as Python's <c>json.dumps(.., ensure_ascii=False)</c> prints them.</summary>
internal static class PythonText
{
    /// <summary>A text as a JSON string: only quotes, backslashes and U+0000 to U+001F are escaped.</summary>
    public static string Quote(ReadOnlySpan<char> text)
    {
        var printed = new StringBuilder(text.Length + 2);
        AppendQuoted(printed, text);
        return printed.ToString();
    }

    /// <summary>Appends a text as <see cref="Quote"/> gives it.</summary>
    public static void AppendQuoted(StringBuilder printed, ReadOnlySpan<char> text)
    {
        printed.Append('"');
        foreach (var character in text)
        {
            switch (character)
            {
                case '"':
                    printed.Append("\\\"");
                    break;
                case '\\':
                    printed.Append("\\\\");
                    break;
                case '\n':
                    printed.Append("\\n");
                    break;
                case '\r':
                    printed.Append("\\r");
                    break;
                case '\t':
                    printed.Append("\\t");
                    break;
                case '\b':
                    printed.Append("\\b");
                    break;
                case '\f':
                    printed.Append("\\f");
                    break;
                case < ' ':
                    printed.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
                    break;
                default:
                    printed.Append(character);
                    break;
            }
        }

        printed.Append('"');
    }

    /// <summary>A float by Python's repr: shortest digits, an exponent below 1e-4 and from 1e16 on.</summary>
    public static string Repr(double value)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "Infinity" : "-Infinity";
        if (value == 0) return double.IsNegative(value) ? "-0.0" : "0.0";

        // .NET's shortest digits are Python's; only the layout differs.
        var shortest = value.ToString("R", CultureInfo.InvariantCulture).TrimStart('-');
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var plain = mark < 0 ? shortest : shortest[..mark];
        var point = plain.IndexOf('.', StringComparison.Ordinal);
        var digits = plain.Replace(".", "", StringComparison.Ordinal);
        var mantissa = digits.Trim('0');
        var exponent = (point < 0 ? plain.Length : point) - 1 - (digits.Length - digits.TrimStart('0').Length);
        if (mark >= 0) exponent += int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            var fraction = mantissa.Length > 1 ? $".{mantissa[1..]}" : "";
            return string.Create(
                CultureInfo.InvariantCulture, $"{sign}{mantissa[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{mantissa}";
        return mantissa.Length <= exponent + 1
            ? $"{sign}{mantissa.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{mantissa[..(exponent + 1)]}.{mantissa[(exponent + 1)..]}";
    }
}
