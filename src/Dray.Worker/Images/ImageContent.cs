using Dray.Inference;

namespace Dray.Worker.Images;

/// <summary>Reads a picture of bounded size, whatever its source claims that size to be.</summary>
internal static class ImageContent
{
    private const int FirstBytes = 64 * 1024;

    /// <summary>Reads a picture to its end.</summary>
    /// <param name="stream">The picture.</param>
    /// <param name="claimed">How many bytes its source says there are, or null.</param>
    /// <param name="maxBytes">The most there may be.</param>
    /// <param name="url">What the row calls it.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="RequestRejectedException">There are more than <paramref name="maxBytes"/>, or none.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        Stream stream, long? claimed, int maxBytes, string url, CancellationToken cancellationToken)
    {
        if (claimed > maxBytes) throw TooLarge(url, $"{claimed} bytes, more than", maxBytes);
        var bytes = new byte[Math.Clamp(claimed ?? 0, FirstBytes, Math.Max(FirstBytes, maxBytes))];
        var filled = 0;
        int read;
        while ((read = await stream.ReadAsync(bytes.AsMemory(filled), cancellationToken)) > 0)
        {
            filled += read;
            if (filled > maxBytes) throw TooLarge(url, "more bytes than", maxBytes);
            if (filled == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(2L * filled, maxBytes + 1L));
        }

        if (filled > 0) return bytes.AsMemory(0, filled);
        throw new RequestRejectedException(
            RequestErrorCodes.ImageInvalid, $"The picture '{ImageResolver.Quote(url)}' holds no bytes; send another.", "messages");
    }

    private static RequestRejectedException TooLarge(string url, string size, int maxBytes) => new(
        RequestErrorCodes.ContentTooLarge,
        $"The picture '{ImageResolver.Quote(url)}' has {size} the {maxBytes} allowed; send it smaller.",
        "messages");
}
