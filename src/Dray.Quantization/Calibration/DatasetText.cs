namespace Dray.Quantization.Calibration;

/// <summary>The quoting of a <see cref="DatasetSpec"/>.</summary>
internal static class DatasetText
{
    /// <summary>The parts of a text between separators outside of quotes; quotes stay.</summary>
    /// <exception cref="CalibrationException">A quote isn't closed.</exception>
    public static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"') quoted = !quoted;
            if (quoted || text[i] != separator) continue;
            parts.Add(text[start..i].Trim());
            start = i + 1;
        }

        if (quoted) throw new CalibrationException($"The data set '{text}' has a double quote that isn't closed; close it or take it out.");
        parts.Add(text[start..].Trim());
        return parts;
    }

    /// <summary>A part without its quotes.</summary>
    public static string Unquote(string part) => part.Replace("\"", "", StringComparison.Ordinal).Trim();
}
