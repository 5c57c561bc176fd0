namespace Dray.Inference.Vision;

/// <summary>A picture whose header is read and whose pixels are not decoded yet.</summary>
internal interface IEncodedImage : IDisposable
{
    /// <summary>Gets the stored width in pixels, before any turning.</summary>
    int Width { get; }

    /// <summary>Gets the stored height in pixels, before any turning.</summary>
    int Height { get; }

    /// <summary>Gets whether applying the stored orientation swaps width and height.</summary>
    bool IsTurned { get; }

    /// <summary>
    /// Decodes the first frame to RGB. Transparency is laid over white, colour profiles and RGB colour keys are ignored, of 16-bit
    /// channels the high byte is kept.
    /// </summary>
    /// <exception cref="RequestRejectedException"><c>image_invalid</c>: the data is damaged or ends early.</exception>
    RgbImage Decode(ImageOrientation orientation);

    /// <summary>A copy of the first frame to look at: upright, a JPEG of at most <paramref name="side"/> pixels a side.</summary>
    /// <exception cref="RequestRejectedException"><c>image_invalid</c>: the data is damaged or ends early.</exception>
    byte[] Shrink(int side);
}
