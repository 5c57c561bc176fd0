using System.Buffers.Text;
using System.Text;
using Dray.Inference;

namespace Dray.Worker.Images;

/// <summary>Pictures in the request itself: <c>data:image/png;base64,...</c> (RFC 2397).</summary>
internal static class DataUrl
{
    /// <summary>Decodes a URL whose scheme is <c>data</c>.</summary>
    /// <remarks>The media type isn't judged: the decoder goes by the bytes, as upstream does.</remarks>
    /// <exception cref="RequestRejectedException">It isn't base64, or is larger than <paramref name="maxBytes"/>.</exception>
    public static ReadOnlyMemory<byte> Decode(string url, int maxBytes)
    {
        var comma = url.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0) throw Invalid("has no ',' after its media type");
        var header = url.AsSpan("data:".Length, comma - "data:".Length);
        if (!header.EndsWith(";base64", StringComparison.OrdinalIgnoreCase)) throw Invalid("isn't marked as base64");

        var text = url.AsSpan(comma + 1);
        var upperBound = Base64.GetMaxDecodedFromUtf8Length(text.Length);
        if (upperBound - 2 > maxBytes) throw TooLarge(upperBound, maxBytes);
        var bytes = new byte[upperBound];
        if (!Convert.TryFromBase64Chars(text, bytes, out var written))
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ImageInvalid,
                "The base64 of a data: URL can't be decoded; encode the picture again, with padding.",
                "messages");
        }

        if (written == 0) throw new RequestRejectedException(RequestErrorCodes.ImageInvalid, "A data: URL holds no bytes.", "messages");
        if (written > maxBytes) throw TooLarge(written, maxBytes);
        return bytes.AsMemory(0, written);
    }

    private static RequestRejectedException TooLarge(int bytes, int maxBytes) => new(
        RequestErrorCodes.ContentTooLarge,
        $"A data: URL holds about {bytes} bytes, more than the {maxBytes} allowed for a picture; send it smaller.",
        "messages");

    private static RequestRejectedException Invalid(string what) =>
        new(RequestErrorCodes.InvalidRequest, $"A data: URL {what}; write it as data:image/png;base64,....", "messages");
}
