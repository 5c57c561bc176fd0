using System.Globalization;

namespace Dray.Worker.Storage;

/// <summary>A blob in a listing.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Version">
/// A text that is another once the content is: the etag of a blob in a container, time and size of a file, whose content isn't read for a
/// listing.
/// </param>
internal readonly record struct BlobEntry(string Path, long Length, string Version)
{
    /// <summary>The entry of a file.</summary>
    public static BlobEntry OfFile(string path, FileInfo file) =>
        new(path, file.Length, string.Create(CultureInfo.InvariantCulture, $"{file.LastWriteTimeUtc.Ticks:x}-{file.Length:x}"));
}
