namespace Dray.Worker.Storage;

/// <summary>Files below a folder as blobs: nothing hidden, nothing behind a link, and no name that no blob could have.</summary>
internal static class FolderListing
{
    private static readonly EnumerationOptions Options = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
    };

    /// <summary>The files, one at a time.</summary>
    /// <param name="root">What their paths are relative to.</param>
    /// <param name="folder">The folder: <paramref name="root"/>, or one below it.</param>
    /// <exception cref="IOException">The folder can't be read.</exception>
    public static IEnumerable<BlobEntry> Of(string root, string folder)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", Options))
        {
            var path = Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (BlobPath.IsValid(path)) yield return BlobEntry.OfFile(path, file);
        }
    }
}
