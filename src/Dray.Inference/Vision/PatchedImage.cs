namespace Dray.Inference.Vision;

/// <summary>A picture as the vision encoder reads it.</summary>
public sealed class PatchedImage
{
    internal PatchedImage(ImageGeometry geometry, float[] pixels, byte[] contentHash)
    {
        Geometry = geometry;
        Pixels = pixels;
        ContentHash = contentHash;
    }

    /// <summary>Gets the layout in tokens and patches.</summary>
    public ImageGeometry Geometry { get; }

    /// <summary>
    /// Gets the normalised pixels, [<see cref="ImageGeometry.PatchRows"/> · <see cref="ImageGeometry.PatchColumns"/>, 3 · patch²]: a row is
    /// one patch (patches in row-major order), a column is <c>channel · patch² + y · patch + x</c>. Multiplied by the patch convolution's
    /// weight, flattened to [hidden, 3 · patch²], it gives the patch embeddings.
    /// </summary>
    public ReadOnlyMemory<float> Pixels { get; }

    /// <summary>Gets the SHA-256 of the encoded picture, 32 bytes: equal pictures can share computed state.</summary>
    public ReadOnlyMemory<byte> ContentHash { get; }
}
