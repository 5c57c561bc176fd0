using System.Text.RegularExpressions;

namespace Dray.Worker.Telemetry;

/// <summary>Takes secrets out of what is written for people: passwords of URLs, keys and signatures of connection strings.</summary>
internal static partial class SecretText
{
    private const string Mask = "***";

    /// <summary>The text with each secret in it masked.</summary>
    public static string Redact(string text) => Named().Replace(UserInfo().Replace(text, $"${{scheme}}${{user}}:{Mask}@"), $"${{name}}{Mask}");

    /// <summary>Scheme and host of a URL: its path and query may be secrets themselves.</summary>
    public static string Host(Uri url) => url.GetLeftPart(UriPartial.Authority) is var authority && url.UserInfo.Length == 0
        ? authority
        : $"{url.Scheme}://{url.Host}:{url.Port}";

    // Greedy up to the last @ before a slash, so that a password that itself holds an @ goes as a whole.
    [GeneratedRegex(@"(?<scheme>\b[a-z][a-z0-9+.-]*://)(?<user>[^\s:/?#@]*):[^\s/?#]*@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    [GeneratedRegex(
        @"(?<name>\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd|Secret|ClientSecret|sig|api[_-]?key)\s*=\s*)[^;&\s""']+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
