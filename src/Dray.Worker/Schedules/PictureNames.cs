using System.IO.Enumeration;

namespace Dray.Worker.Schedules;

/// <summary>Which files a schedule takes for pictures.</summary>
internal static class PictureNames
{
    /// <summary>Gets all kinds that can be read.</summary>
    public static IReadOnlyList<string> All { get; } = ["*.png", "*.jpg", "*.jpeg", "*.webp", "*.gif", "*.bmp", "*.tif", "*.tiff"];

    /// <summary>Whether the name of the file <paramref name="path"/> is one of <paramref name="patterns"/>.</summary>
    public static bool Match(string path, IReadOnlyList<string> patterns)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        foreach (var pattern in patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true)) return true;
        }

        return false;
    }
}
