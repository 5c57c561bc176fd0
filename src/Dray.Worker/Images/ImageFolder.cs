using Dray.Inference;

namespace Dray.Worker.Images;

/// <summary>Pictures in a folder, named by relative paths that can't leave it: not by <c>..</c>, not by a link, not by disguise.</summary>
public sealed class ImageFolder
{
    private const int MaxLinks = 40;
    private readonly string _root;

    /// <summary>Opens a folder.</summary>
    public ImageFolder(string root) => _root = RealPath(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));

    /// <summary>Reads a picture.</summary>
    /// <exception cref="RequestRejectedException">The path leaves the folder, nothing is there, or it is larger than <paramref
    /// name="maxBytes"/>.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        if (MayLeave(path))
            throw Outside(path, "write it relative to the folder of the input, with '/', without '..'");
        try
        {
            var file = RealPath(Path.Combine(_root, path));
            if (!file.StartsWith(_root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                throw Outside(path, "a link leads out of the folder of the input; copy the picture into it");
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            if (stream.Length > maxBytes)
            {
                throw new RequestRejectedException(
                    RequestErrorCodes.ContentTooLarge,
                    $"The picture '{ImageResolver.Quote(path)}' has {stream.Length} bytes, more than the {maxBytes} allowed; send it smaller.",
                    "messages");
            }

            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ImageNotFound,
                $"The picture '{ImageResolver.Quote(path)}' can't be read in the folder of the input; check the name and its rights.",
                "messages",
                e);
        }
    }

    /// <summary>
    /// Whether a path leads, or could lead, out of the folder that it is relative to. Names are taken as they stand, never decoded; one
    /// that would leave if it were decoded counts all the same.
    /// </summary>
    internal static bool MayLeave(string path) => Leaves(path) || Leaves(Uri.UnescapeDataString(path));

    private static bool Leaves(string path) =>
        path.Length == 0 || path[0] == '/' || path.AsSpan().ContainsAny('\\', '\0')
        || (path.Length > 1 && path[1] == ':') || path.Split('/').Contains("..");

    private static RequestRejectedException Outside(string path, string remedy) => new(
        RequestErrorCodes.InvalidRequest,
        $"The picture '{ImageResolver.Quote(path)}' isn't inside the folder of the input; {remedy}.",
        "messages");

    // The path with every link in it followed, as realpath(3) gives it; what doesn't exist stays as it is.
    private static string RealPath(string path)
    {
        for (var links = 0; links <= MaxLinks; links++)
        {
            if (FirstLink(path) is not { } link) return path;
            path = link;
        }

        throw new IOException($"'{path}' goes through more than {MaxLinks} links.");
    }

    private static string? FirstLink(string path)
    {
        var root = Path.GetPathRoot(path)!;
        var parts = path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        var walked = root;
        for (var i = 0; i < parts.Length; i++)
        {
            var next = Path.Combine(walked, parts[i]);
            if (new FileInfo(next).LinkTarget is { } target)
                return Path.GetFullPath(Path.Combine([walked, target, .. parts[(i + 1)..]]));
            walked = next;
        }

        return null;
    }
}
