using SkiaSharp;

namespace Dray.Inference.Vision;

/// <summary>A picture opened with Skia, which finds an orientation in JPEG and WebP files.</summary>
internal sealed class SkiaEncodedImage : IEncodedImage
{
    private const int Rgba = 4;
    private const int Rgb = 3;

    private readonly SKCodec _codec;
    private readonly bool _ignoreAlpha;

    /// <param name="codec">The open codec; owned from here on.</param>
    /// <param name="ignoreAlpha">Whether transparency is to be taken as opaque.</param>
    public SkiaEncodedImage(SKCodec codec, bool ignoreAlpha)
    {
        _codec = codec;
        _ignoreAlpha = ignoreAlpha;
    }

    /// <inheritdoc/>
    public int Width => _codec.Info.Width;

    /// <inheritdoc/>
    public int Height => _codec.Info.Height;

    /// <inheritdoc/>
    public bool IsTurned => _codec.EncodedOrigin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop
        or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;

    /// <inheritdoc/>
    public RgbImage Decode(ImageOrientation orientation)
    {
        // Unpremultiplied keeps colours exact under alpha; without a colour space Skia converts nothing.
        var info = new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
        using var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(info))
            throw new InsufficientMemoryException($"There is no memory for a picture of {Width} x {Height} pixels.");
        bitmap.Erase(SKColors.Transparent);

        var result = _codec.GetPixels(info, bitmap.GetPixels());
        if (result == SKCodecResult.IncompleteInput)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ImageInvalid, $"The picture of {Width} x {Height} pixels ends early; send the whole file.");
        }

        if (result != SKCodecResult.Success)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ImageInvalid,
                $"The picture of {Width} x {Height} pixels is damaged ({result}); send it again or leave it out.");
        }

        return Flatten(bitmap.GetPixelSpan(), orientation == ImageOrientation.Apply ? _codec.EncodedOrigin : SKEncodedOrigin.TopLeft);
    }

    /// <inheritdoc/>
    public void Dispose() => _codec.Dispose();

    // Every orientation is a walk over the target with a start and two strides (in pixels).
    private RgbImage Flatten(ReadOnlySpan<byte> source, SKEncodedOrigin origin)
    {
        int width = Width, height = Height, last = (width * height) - 1;
        var (start, right, down) = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => (last, -1, -width),
            SKEncodedOrigin.BottomLeft => (last - width + 1, 1, -width),
            SKEncodedOrigin.LeftTop => (0, height, 1),
            SKEncodedOrigin.RightTop => (height - 1, height, -1),
            SKEncodedOrigin.RightBottom => (last, -height, -1),
            SKEncodedOrigin.LeftBottom => (last - height + 1, -height, 1),
            _ => (0, 1, width),
        };

        var target = GC.AllocateUninitializedArray<byte>(width * height * Rgb);
        var opaque = _ignoreAlpha || _codec.Info.AlphaType == SKAlphaType.Opaque;
        for (var y = 0; y < height; y++)
        {
            var row = source.Slice(y * width * Rgba, width * Rgba);
            var to = start + (y * down);
            for (var x = 0; x < row.Length; x += Rgba, to += right)
            {
                var pixel = row.Slice(x, Rgba);
                var rgb = target.AsSpan(to * Rgb, Rgb);
                var alpha = opaque ? 255 : pixel[3];
                rgb[0] = OverWhite(pixel[0], alpha);
                rgb[1] = OverWhite(pixel[1], alpha);
                rgb[2] = OverWhite(pixel[2], alpha);
            }
        }

        var turned = origin >= SKEncodedOrigin.LeftTop;
        return new RgbImage(turned ? height : width, turned ? width : height, target);
    }

    // Rounded to nearest, as Pillow composites.
    private static byte OverWhite(int value, int alpha) =>
        alpha == 255 ? (byte)value : (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);
}
