namespace Dray.Inference.Vision;

/// <summary>The seam between Dray and an image library.</summary>
internal interface IImageDecoder
{
    /// <summary>Reads a picture's header, and nothing else.</summary>
    /// <exception cref="RequestRejectedException"><c>image_invalid</c>: not a picture, or of a format that isn't read.</exception>
    IEncodedImage Open(ReadOnlySpan<byte> encoded);
}
