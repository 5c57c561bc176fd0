using System.Globalization;
using System.Text;

namespace Dray.Worker.Http.Files;

/// <summary>The names that clients give their files: shown to people, and never part of a path.</summary>
internal static class FileName
{
    private const int MaxLength = 255;
    private const string Nameless = "upload.jsonl";

    /// <summary>
    /// What of a name is shown: folders are left out, and so is what would be invisible or turn the text around. There is always a name.
    /// </summary>
    public static string Clean(string? given)
    {
        var name = new StringBuilder();
        foreach (var rune in (given ?? "").Split('/', '\\')[^1].EnumerateRunes())
        {
            var isShown = rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not
                (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or
                UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
            if (isShown && name.Length + rune.Utf16SequenceLength <= MaxLength) name.Append(rune.ToString());
        }

        return name.ToString().Trim(' ', '.') is { Length: > 0 } text ? text : Nameless;
    }
}
