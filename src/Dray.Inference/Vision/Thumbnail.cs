namespace Dray.Inference.Vision;

/// <summary>Small copies of pictures, for people to look at.</summary>
public static class Thumbnail
{
    /// <summary>A picture, upright, as a JPEG of at most <paramref name="side"/> pixels a side; a smaller one keeps its size.</summary>
    /// <param name="encoded">The picture in any format that the engine reads.</param>
    /// <param name="side">The most pixels that it is wide or high.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="RequestRejectedException">
    /// <c>image_invalid</c>: not a picture, damaged or cut short; <c>content_too_large</c>: more bytes or pixels than
    /// <see cref="ImageOptions"/> allows.
    /// </exception>
    public static byte[] Of(ReadOnlyMemory<byte> encoded, int side, ImageOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        using var picture = LimitedImage.Open(new SkiaImageDecoder(), encoded.Span, options ?? new ImageOptions());
        return picture.Shrink(side);
    }
}
