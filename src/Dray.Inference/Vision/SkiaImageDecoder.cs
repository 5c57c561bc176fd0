using SkiaSharp;

namespace Dray.Inference.Vision;

/// <summary>Reads PNG, JPEG, WebP, GIF and BMP with Skia's codecs.</summary>
internal sealed class SkiaImageDecoder : IImageDecoder
{
    // Encoders write a dozen.
    private const int MaxScans = 100;
    private const string Formats = "PNG, JPEG, WebP, GIF or BMP";

    /// <inheritdoc/>
    public IEncodedImage Open(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
            throw new RequestRejectedException(RequestErrorCodes.ImageInvalid, $"The picture is empty; send a {Formats} file.");

        using var data = SKData.CreateCopy(encoded);
        var codec = SKCodec.Create(new SKMemoryStream(data), out var result);
        if (codec is null)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ImageInvalid,
                result == SKCodecResult.IncompleteInput
                    ? $"The header of the picture of {encoded.Length} bytes is damaged or cut short; send the whole file."
                    : $"The picture's {encoded.Length} bytes are not a readable image; send a {Formats} file.");
        }

        // Containers of other pictures and formats nobody scans to are one more parser for hostile bytes.
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Png or SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Webp
            or SKEncodedImageFormat.Gif or SKEncodedImageFormat.Bmp))
        {
            using (codec)
            {
                throw new RequestRejectedException(
                    RequestErrorCodes.ImageInvalid, $"The picture is of format {codec.EncodedFormat}; send a {Formats} file.");
            }
        }

        if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg && RefuseJpeg(encoded) is { } refusal)
        {
            using (codec) throw refusal;
        }

        return new SkiaEncodedImage(codec, HasColourKey(encoded));
    }

    private static RequestRejectedException? RefuseJpeg(ReadOnlySpan<byte> encoded) => JpegScans.Count(encoded) switch
    {
        null => new RequestRejectedException(
            RequestErrorCodes.ImageInvalid, $"The JPEG picture of {encoded.Length} bytes ends early; send the whole file."),
        > MaxScans and var scans => new RequestRejectedException(
            RequestErrorCodes.ImageInvalid,
            $"The JPEG picture has {scans} scans, more than the {MaxScans} allowed; save it again as baseline JPEG."),
        _ => null,
    };

    // A truecolour PNG (colour type 2) has no alpha channel: the transparency that Skia reports for one is a tRNS colour key.
    private static bool HasColourKey(ReadOnlySpan<byte> encoded) =>
        encoded.Length > 25 && encoded[1..].StartsWith("PNG\r\n"u8) && encoded[25] == 2;
}
