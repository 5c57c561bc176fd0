namespace Dray.Inference.Vision;

/// <summary>A TIFF file as the library reads it, and whether the library said that something in it is wrong.</summary>
internal sealed class TiffSource(byte[] file) : MemoryStream(file, writable: false)
{
    /// <summary>Gets or sets whether something is wrong.</summary>
    public bool IsDamaged { get; set; }
}
