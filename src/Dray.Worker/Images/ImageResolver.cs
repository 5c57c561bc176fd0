using Dray.Inference;

namespace Dray.Worker.Images;

/// <summary>Fetches the pictures that a request names: data URLs, and for local runs files under one folder.</summary>
/// <param name="folder">The folder that relative paths are resolved against, or null where there is none.</param>
/// <param name="maxImages">The most pictures of a request.</param>
/// <param name="maxBytes">The largest encoded picture.</param>
public sealed class ImageResolver(ImageFolder? folder, int maxImages, int maxBytes)
{
    private const int QuotedCharacters = 96;

    /// <summary>Fetches pictures, in the order of their URLs.</summary>
    /// <exception cref="RequestRejectedException">One isn't there, is too large, or is named in a way that isn't allowed.</exception>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ResolveAsync(IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        if (urls.Count > maxImages)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest,
                $"The request has {urls.Count} pictures, more than the {maxImages} allowed; send fewer, or raise limit_mm_per_prompt.image.",
                "messages");
        }

        var images = new ReadOnlyMemory<byte>[urls.Count];
        for (var i = 0; i < images.Length; i++) images[i] = await ResolveAsync(urls[i], cancellationToken);
        return images;
    }

    private async Task<ReadOnlyMemory<byte>> ResolveAsync(string url, CancellationToken cancellationToken)
    {
        switch (SchemeOf(url))
        {
            case "data":
                return DataUrl.Decode(url, maxBytes);
            case "" when folder is not null:
                return await folder.ReadAsync(url, maxBytes, cancellationToken);
            case "":
                throw Refuse(url, "is a path, and this worker has no folder to look in; send a data: URL.");
            case "blob":
                throw Refuse(url, "is in a blob container, and this worker has none to read pictures from; send a data: URL.");
            case "https":
                throw Refuse(url, "is on the web, and no host is on this worker's allow-list; send a data: URL.");
            case "http":
                throw Refuse(url, "would be fetched without encryption; send a data: URL.");
            case { Length: 1 }:
                throw Refuse(url, "is an absolute path; write it relative to the folder of the input.");
            default:
                throw Refuse(url, "has a scheme that isn't read; send a data: URL or a path relative to the folder of the input.");
        }
    }

    /// <summary>A URL's scheme as RFC 3986 has it, in lower case; empty for a relative path. One letter is a Windows drive.</summary>
    internal static string SchemeOf(string url)
    {
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !char.IsAsciiLetter(url[0])) return "";
        var scheme = url[..colon];
        return scheme.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.') ? scheme.ToLowerInvariant() : "";
    }

    private static RequestRejectedException Refuse(string url, string why) =>
        new(RequestErrorCodes.InvalidRequest, $"The picture '{Quote(url)}' {why}", "messages");

    /// <summary>A URL short enough for a message.</summary>
    public static string Quote(string url) => url.Length <= QuotedCharacters ? url : url[..QuotedCharacters] + "...";
}
