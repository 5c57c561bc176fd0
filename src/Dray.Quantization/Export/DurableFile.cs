using System.Text;

namespace Dray.Quantization.Export;

/// <summary>Small files that are on the disk, not only in the system's memory, when they have been written.</summary>
internal static class DurableFile
{
    /// <summary>Writes a file; one that is there already is replaced.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        stream.Write(content);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Writes a text in UTF-8.</summary>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));
}
