using Dray.Inference;

namespace Dray.Worker.Images;

/// <summary>
/// Fetches the pictures that a request names: data URLs, files under one folder for local runs, and for workers what was uploaded with the
/// batch and what an operator allows of blob containers and of the web.
/// </summary>
public sealed class ImageResolver
{
    private const int QuotedCharacters = 96;
    private readonly ImageFolder? _folder;
    private readonly StoredImages? _stored;
    private readonly WebImages? _web;
    private readonly int _maxImages;
    private readonly int _maxBytes;

    /// <summary>Makes a resolver for local runs.</summary>
    /// <param name="folder">The folder that relative paths are resolved against, or null where there is none.</param>
    /// <param name="maxImages">The most pictures of a request.</param>
    /// <param name="maxBytes">The largest encoded picture.</param>
    public ImageResolver(ImageFolder? folder, int maxImages, int maxBytes)
        : this(folder, null, null, maxImages, maxBytes)
    {
    }

    internal ImageResolver(ImageFolder? folder, StoredImages? stored, WebImages? web, int maxImages, int maxBytes) =>
        (_folder, _stored, _web, _maxImages, _maxBytes) = (folder, stored, web, maxImages, maxBytes);

    /// <summary>Fetches pictures, in the order of their URLs.</summary>
    /// <exception cref="RequestRejectedException">One isn't there, is too large, or is named in a way that isn't allowed.</exception>
    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ResolveAsync(IReadOnlyList<string> urls, CancellationToken cancellationToken) =>
        ResolveAsync(urls, null, cancellationToken);

    /// <summary>Fetches the pictures of a row, in the order of their URLs.</summary>
    /// <param name="urls">The URLs.</param>
    /// <param name="batchId">The batch that relative paths were uploaded with, or null for a job, which has none.</param>
    /// <param name="cancellationToken">Cancels fetching.</param>
    /// <exception cref="RequestRejectedException">One isn't there, is too large, or is named in a way that isn't allowed.</exception>
    /// <exception cref="IOException">The store doesn't answer: no fault of the row.</exception>
    internal async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ResolveAsync(
        IReadOnlyList<string> urls, string? batchId, CancellationToken cancellationToken)
    {
        if (urls.Count > _maxImages)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.InvalidRequest,
                $"The request has {urls.Count} pictures, more than the {_maxImages} allowed; send fewer, or raise limit_mm_per_prompt.image.",
                "messages");
        }

        var images = new ReadOnlyMemory<byte>[urls.Count];
        for (var i = 0; i < images.Length; i++) images[i] = await ResolveAsync(urls[i], batchId, cancellationToken);
        return images;
    }

    private async Task<ReadOnlyMemory<byte>> ResolveAsync(string url, string? batchId, CancellationToken cancellationToken)
    {
        switch (SchemeOf(url))
        {
            case "data":
                return DataUrl.Decode(url, _maxBytes);
            case "" when _folder is not null:
                return await _folder.ReadAsync(url, _maxBytes, cancellationToken);
            case "" when _stored is not null && batchId is not null:
                return await _stored.ReadUploadedAsync(batchId, url, _maxBytes, cancellationToken);
            case "" when _stored is not null:
                throw Refuse(url, "is a path, and nothing is uploaded with a single job; send a data: URL, or submit a batch.");
            case "":
                throw Refuse(url, "is a path, and this worker has no folder to look in; send a data: URL.");
            case "blob" when _stored is not null:
                return await _stored.ReadFromContainerAsync(url, _maxBytes, cancellationToken);
            case "blob":
                throw Refuse(url, "is in a blob container, and this worker has none to read pictures from; send a data: URL.");
            case "https" when _web is not null:
                return await _web.ReadAsync(url, _maxBytes, cancellationToken);
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
