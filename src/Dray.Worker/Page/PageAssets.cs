using System.Reflection;
using System.Security.Cryptography;

namespace Dray.Worker.Page;

/// <summary>The files that pages are made with; they are part of the program.</summary>
internal static class PageAssets
{
    /// <summary>Where they are served.</summary>
    public const string Folder = "/assets/";

    /// <summary>Gets all of them, by URL.</summary>
    public static IReadOnlyDictionary<string, PageAsset> All { get; } = new[]
    {
        Read("page.css", "text/css; charset=utf-8"),
        Read("page.js", "text/javascript; charset=utf-8"),
        Read("icon.svg", "image/svg+xml"),
    }.ToDictionary(asset => asset.Url);

    /// <summary>Gets the URL of the stylesheet.</summary>
    public static string Stylesheet { get; } = UrlOf("page.css");

    /// <summary>Gets the URL of the script.</summary>
    public static string Script { get; } = UrlOf("page.js");

    /// <summary>Gets the URL of the icon.</summary>
    public static string Icon { get; } = UrlOf("icon.svg");

    /// <summary>Gets which Dray this is.</summary>
    public static string Version { get; } = typeof(PageAssets).Assembly.GetName().Version?.ToString(3) ?? "0";

    private static string UrlOf(string name) => All.Keys.Single(url => url.EndsWith(name, StringComparison.Ordinal));

    private static PageAsset Read(string name, string contentType)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("page/" + name)
            ?? throw new InvalidOperationException($"The program has no file '{name}' in it.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new PageAsset($"{Folder}{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}-{name}", contentType, content);
    }
}
