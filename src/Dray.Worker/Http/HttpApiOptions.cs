using System.ComponentModel.DataAnnotations;

namespace Dray.Worker.Http;

/// <summary>How a worker answers over HTTP.</summary>
public sealed class HttpApiOptions
{
    /// <summary>
    /// Gets or sets how many requests are answered at once; what comes beyond them is refused with 503. Each may wait for its turn in the
    /// engine. <value>The default value is 1024 requests.</value>
    /// </summary>
    [Range(1, 100_000)]
    public int MaxRequests { get; set; } = 1024;

    /// <summary>Gets or sets the longest body of a request, pictures included. <value>The default value is 64 MiB.</value></summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public int MaxRequestBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Gets or sets how long the bodies of all requests that are being answered may be together; a request that doesn't fit is refused with 503
    /// before it is read. It is never less than <see cref="MaxRequestBytes"/>. <value>The default value is 1 GiB.</value>
    /// </summary>
    [Range(1024, int.MaxValue)]
    public int MaxRequestBytesTotal { get; set; } = 1024 * 1024 * 1024;

    /// <summary>Gets or sets the largest file that can be uploaded, in bytes. <value>The default value is 200 MiB.</value></summary>
    [Range(1, int.MaxValue)]
    public int MaxFileBytes { get; set; } = 200 * 1024 * 1024;

    /// <summary>
    /// Gets or sets the file with the hashes of the API keys that are let in, one JSON object a line, or null to let everyone in. <value>The
    /// default value is null.</value>
    /// </summary>
    public string? ApiKeysFile { get; set; }

    /// <summary>
    /// Gets or sets the origins whose pages may call the interface from a browser, such as <c>https://app.example.org</c>. <value>Empty by
    /// default: none.</value>
    /// </summary>
    public IReadOnlyList<string> CorsOrigins { get; set; } = [];

    /// <summary>Whether a text may stand in <see cref="CorsOrigins"/>: a scheme, a host, and a port where it isn't the scheme's.</summary>
    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.GetLeftPart(UriPartial.Authority) == text && url.UserInfo.Length == 0;
}
