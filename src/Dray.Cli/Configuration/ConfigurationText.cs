using System.Globalization;

namespace Dray.Cli.Configuration;

/// <summary>Texts of messages.</summary>
internal static class ConfigurationText
{
    private const int LongestQuote = 64;

    /// <summary>What someone wrote, short and on one line.</summary>
    public static string Quote(string text, int longest = LongestQuote)
    {
        var shown = text.Length <= longest ? text : text[..longest] + "...";
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }

    /// <summary>A number.</summary>
    public static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
