using System.Security.Cryptography;

namespace Dray.Inference.Vision;

/// <summary>Turns encoded pictures into the vision encoder's input. Thread-safe.</summary>
public sealed class ImageProcessor
{
    private readonly IImageDecoder _decoder;
    private readonly ImageSpec _spec;
    private readonly ImageOptions _options;

    /// <summary>A processor that decodes with Skia.</summary>
    /// <param name="spec">The tokenizer's image section.</param>
    /// <param name="options">Limits and choices; null for the defaults.</param>
    /// <exception cref="ArgumentException">A number of the section or a limit is out of range.</exception>
    public ImageProcessor(ImageSpec spec, ImageOptions? options = null)
        : this(spec, options, new SkiaImageDecoder())
    {
    }

    internal ImageProcessor(ImageSpec spec, ImageOptions? options, IImageDecoder decoder)
    {
        spec.Validate();
        _spec = spec;
        _options = options ?? new ImageOptions();
        _options.Validate();
        _decoder = decoder;
    }

    /// <summary>Reads a picture's size and layout from its header; no pixels are decoded.</summary>
    /// <exception cref="RequestRejectedException">
    /// <c>image_invalid</c>: not a picture; <c>content_too_large</c>: more bytes or pixels than <see cref="ImageOptions"/> allows.
    /// </exception>
    public ImageInfo Probe(ReadOnlyMemory<byte> encoded)
    {
        using var picture = LimitedImage.Open(_decoder, encoded.Span, _options);
        var turned = picture.IsTurned && _options.Orientation == ImageOrientation.Apply;
        var (width, height) = turned ? (picture.Height, picture.Width) : (picture.Width, picture.Height);
        return new ImageInfo(width, height, ImageGeometry.Of(width, height, _spec));
    }

    /// <summary>Decodes, orients, resizes and normalises a picture, and cuts it into patches.</summary>
    /// <exception cref="RequestRejectedException">
    /// <c>image_invalid</c>: not a picture, damaged or cut short; <c>content_too_large</c>: more bytes or pixels than
    /// <see cref="ImageOptions"/> allows.
    /// </exception>
    public PatchedImage Process(ReadOnlyMemory<byte> encoded)
    {
        using var picture = LimitedImage.Open(_decoder, encoded.Span, _options);
        return Patch(picture.Decode(_options.Orientation), _spec, SHA256.HashData(encoded.Span));
    }

    /// <summary>Resizes, normalises and cuts up a decoded picture.</summary>
    internal static PatchedImage Patch(RgbImage picture, ImageSpec spec, byte[] contentHash)
    {
        var geometry = ImageGeometry.Of(picture.Width, picture.Height, spec);
        var resizer = new BicubicResizer(picture, geometry.Width, geometry.Height);
        return new PatchedImage(geometry, PatchNormalizer.Patch(resizer, spec.PatchSize), contentHash);
    }
}
