namespace Dray.Inference.Vision;

/// <summary>Opens pictures within limits that hold before anything is decoded.</summary>
internal static class LimitedImage
{
    /// <summary>Reads a picture's header.</summary>
    /// <exception cref="RequestRejectedException">
    /// <c>image_invalid</c>: not a picture; <c>content_too_large</c>: more bytes or pixels than <paramref name="options"/> allow.
    /// </exception>
    public static IEncodedImage Open(IImageDecoder decoder, ReadOnlySpan<byte> encoded, ImageOptions options)
    {
        if (encoded.Length > options.MaxBytes)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ContentTooLarge,
                $"The picture has {encoded.Length:N0} bytes, more than the {options.MaxBytes:N0} allowed; send a smaller file.");
        }

        var picture = decoder.Open(encoded);
        if (Refuse(picture, options) is { } refusal)
        {
            using (picture) throw refusal;
        }

        return picture;
    }

    private static RequestRejectedException? Refuse(IEncodedImage picture, ImageOptions options)
    {
        if (picture.Width < 1 || picture.Height < 1)
        {
            return new RequestRejectedException(
                RequestErrorCodes.ImageInvalid, $"The picture is {picture.Width} x {picture.Height} pixels; it needs at least one.");
        }

        var pixels = (long)picture.Width * picture.Height;
        return pixels <= options.MaxPixels ? null : new RequestRejectedException(
            RequestErrorCodes.ContentTooLarge,
            $"The picture is {picture.Width} x {picture.Height} pixels, {pixels:N0} in all, more than the {options.MaxPixels:N0} allowed; "
            + "scale it down.");
    }
}
