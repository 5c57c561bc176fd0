namespace Dray.Worker.Storage;

/// <summary>A small document of the store.</summary>
/// <param name="Bytes">All of it.</param>
/// <param name="ETag">Which version it is.</param>
internal sealed record BlobContent(ReadOnlyMemory<byte> Bytes, string ETag)
{
    /// <summary>The most bytes of a document, which is read whole.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>The length of a document.</summary>
    /// <exception cref="InvalidDataException">It has more bytes than a document may have.</exception>
    public static int CheckLength(string path, long bytes) => bytes <= MaxBytes
        ? (int)bytes
        : throw new InvalidDataException($"The blob '{path}' has {bytes} bytes, more than the {MaxBytes} of a document; it isn't one of Dray's.");
}
