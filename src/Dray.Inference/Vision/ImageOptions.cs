namespace Dray.Inference.Vision;

/// <summary>Limits and choices for reading pictures.</summary>
public sealed record ImageOptions
{
    /// <summary>The default of <see cref="MaxBytes"/>: 20 MB.</summary>
    public const int DefaultMaxBytes = 20_000_000;

    /// <summary>The default of <see cref="MaxPixels"/>: 50 million, an A3 page at 600 dpi is 70.</summary>
    public const int DefaultMaxPixels = 50_000_000;

    private const int PixelCeiling = 500_000_000;

    /// <summary>Gets what to do with EXIF orientation. <value>The default value is <see cref="ImageOrientation.Apply"/>.</value></summary>
    public ImageOrientation Orientation { get; init; } = ImageOrientation.Apply;

    /// <summary>Gets the largest encoded picture, in bytes. <value>The default value is 20,000,000.</value></summary>
    public int MaxBytes { get; init; } = DefaultMaxBytes;

    /// <summary>
    /// Gets the largest picture, in pixels (width times height), checked before anything is decoded; decoding takes 7 bytes a pixel,
    /// of a progressive JPEG 6 more.
    /// <value>The default value is 50,000,000.</value>
    /// </summary>
    public int MaxPixels { get; init; } = DefaultMaxPixels;

    /// <summary>Checks the limits.</summary>
    /// <exception cref="ArgumentException">A limit is not positive, or the pixels would not fit into one array.</exception>
    internal void Validate()
    {
        if (MaxBytes < 1) throw new ArgumentException($"The largest encoded picture is {MaxBytes} bytes; it must be at least 1.");
        if (MaxPixels is < 1 or > PixelCeiling)
            throw new ArgumentException($"The largest picture is {MaxPixels} pixels; it must be in 1..{PixelCeiling}.");
    }
}
