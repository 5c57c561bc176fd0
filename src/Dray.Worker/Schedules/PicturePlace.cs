using System.ComponentModel.DataAnnotations;
using Dray.Worker.Images;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>
/// Where an operator says that pictures are or captions go: a folder of the store, <c>blob://container/folder/</c> of the store's account, or
/// a folder of this machine, <c>file:///folder</c>. Rows of batches can't name such places: what a schedule reads is copied into its batch.
/// </summary>
public sealed record PicturePlace
{
    private const string FileScheme = "file:";
    private const string BlobScheme = "blob://";
    private static readonly string[] Reserved = ["batches", "jobs", "schedules", "files"];

    private readonly string _text;
    private readonly string? _folder;
    private readonly string? _container;
    private readonly string _prefix;

    private PicturePlace(string text, string? folder, string? container, string prefix) =>
        (_text, _folder, _container, _prefix) = (text, folder, container, prefix);

    /// <summary>Reads a place.</summary>
    /// <param name="text">The place as it is written.</param>
    /// <param name="baseFolder">What a relative <c>file:</c> is relative to.</param>
    /// <exception cref="FormatException">It is none; the message goes on after "but".</exception>
    public static PicturePlace Parse(string text, string baseFolder)
    {
        if (text.StartsWith(FileScheme, StringComparison.OrdinalIgnoreCase)) return ParseFolder(text, baseFolder);
        if (text.StartsWith(BlobScheme, StringComparison.OrdinalIgnoreCase))
        {
            var rest = text[BlobScheme.Length..];
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            var (container, prefix) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..].TrimEnd('/'));
            if (container.Length == 0 || (prefix.Length > 0 && !BlobPath.IsValid(prefix)))
                throw new FormatException("it names no folder of a container; write blob://container/folder/");
            return new PicturePlace(text, null, container, prefix.Length == 0 ? "" : prefix + '/');
        }

        if (ImageResolver.SchemeOf(text).Length > 0)
            throw new FormatException("it has a scheme that isn't read; write a folder of the store, blob://container/folder/ or file:///folder");
        var folder = text.TrimEnd('/');
        if (!BlobPath.IsValid(folder))
            throw new FormatException("it can't be a folder of the store; write names with '/' between them, such as scans/invoices/");
        if (Reserved.Contains(folder.Split('/')[0], StringComparer.OrdinalIgnoreCase))
            throw new FormatException($"Dray keeps its own documents in {string.Join(", ", Reserved.Select(name => name + '/'))}; choose another folder");
        return new PicturePlace(text, null, null, folder + '/');
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    /// <summary>Opens the place to read pictures from.</summary>
    /// <exception cref="ValidationException">The store has no containers.</exception>
    internal IPictureSource OpenSource(IBlobStore store) =>
        _folder is null ? new StorePictures(ContainerOf(store), _prefix) : new FolderPictures(_folder);

    /// <summary>Opens the place to write captions to: a store, and what their paths begin with.</summary>
    /// <exception cref="ValidationException">The store has no containers.</exception>
    internal (IBlobStore Store, string Prefix) OpenTarget(IBlobStore store) =>
        _folder is null ? (ContainerOf(store), _prefix) : (new FileSystemBlobStore(_folder), "");

    private static PicturePlace ParseFolder(string text, string baseFolder)
    {
        var path = text[FileScheme.Length..];
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            path = path[2..];
            if (!path.StartsWith('/'))
                throw new FormatException("it names a host; write file:///folder, or file:folder for one beside the configuration");
        }

        return path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal)
            ? new PicturePlace(text, Path.GetFullPath(Path.Combine(baseFolder, path)), null, "")
            : throw new FormatException("it names no folder; write file:///folder");
    }

    private IBlobStore ContainerOf(IBlobStore store)
    {
        if (_container is null) return store;
        return store is IBlobAccount account
            ? account.OpenContainer(_container)
            : throw new ValidationException($"The schedules' place '{_text}' is in a blob container, but the store is a folder; write a folder of the store or file:///folder.");
    }
}
