using SkiaSharp;

namespace Dray.Inference.Vision;

/// <summary>A picture opened with Skia, which finds an orientation in JPEG and WebP files.</summary>
internal sealed class SkiaEncodedImage : IEncodedImage
{
    private const int Rgba = 4;
    private const int Rgb = 3;
    private const int Quality = 85;

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
        using var bitmap = Decode(new SKSizeI(Width, Height));
        return Flatten(bitmap, orientation == ImageOrientation.Apply ? _codec.EncodedOrigin : SKEncodedOrigin.TopLeft);
    }

    /// <inheritdoc/>
    public byte[] Shrink(int side)
    {
        var scale = Math.Min(1f, (float)side / Math.Max(Width, Height));
        var target = new SKSizeI(Math.Max(1, (int)(Width * scale)), Math.Max(1, (int)(Height * scale)));

        // A JPEG is decoded at a fraction of its size, which spares memory and time; other formats whole.
        using var bitmap = Decode(_codec.GetScaledDimensions(Math.Min(1f, 2 * scale)));
        using var small = bitmap.Resize(target, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        var picture = Flatten(small, _codec.EncodedOrigin);
        var pixels = new byte[picture.Width * picture.Height * Rgba];
        for (int from = 0, to = 0; from < picture.Pixels.Length; from += Rgb, to += Rgba)
            picture.Pixels.AsSpan(from, Rgb).CopyTo(pixels.AsSpan(to));
        using var image = SKImage.FromPixelCopy(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgb888x, SKAlphaType.Opaque), pixels);
        using var encoded = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return encoded.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _codec.Dispose();

    private SKBitmap Decode(SKSizeI size)
    {
        // Unpremultiplied keeps colours exact under alpha; without a colour space Skia converts nothing.
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
        var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(info))
            throw new InsufficientMemoryException($"There is no memory for a picture of {Width} x {Height} pixels.");
        bitmap.Erase(SKColors.Transparent);

        var result = _codec.GetPixels(info, bitmap.GetPixels());
        if (result == SKCodecResult.Success) return bitmap;
        bitmap.Dispose();
        throw new RequestRejectedException(
            RequestErrorCodes.ImageInvalid,
            result == SKCodecResult.IncompleteInput
                ? $"The picture of {Width} x {Height} pixels ends early; send the whole file."
                : $"The picture of {Width} x {Height} pixels is damaged ({result}); send it again or leave it out.");
    }

    private RgbImage Flatten(SKBitmap bitmap, SKEncodedOrigin origin)
    {
        var source = bitmap.GetPixelSpan();
        int width = bitmap.Width, height = bitmap.Height;
        var walk = UprightWalk.Of(origin, width, height);
        var target = GC.AllocateUninitializedArray<byte>(width * height * Rgb);
        var opaque = _ignoreAlpha || _codec.Info.AlphaType == SKAlphaType.Opaque;
        for (var y = 0; y < height; y++)
        {
            var row = source.Slice(y * width * Rgba, width * Rgba);
            var to = walk.Start + (y * walk.Down);
            for (var x = 0; x < row.Length; x += Rgba, to += walk.Right)
            {
                var pixel = row.Slice(x, Rgba);
                var rgb = target.AsSpan(to * Rgb, Rgb);
                var alpha = opaque ? 255 : pixel[3];
                rgb[0] = OverWhite(pixel[0], alpha);
                rgb[1] = OverWhite(pixel[1], alpha);
                rgb[2] = OverWhite(pixel[2], alpha);
            }
        }

        return walk.IsTurned ? new RgbImage(height, width, target) : new RgbImage(width, height, target);
    }

    // Rounded to nearest, as Pillow composites.
    private static byte OverWhite(int value, int alpha) =>
        alpha == 255 ? (byte)value : (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);
}
