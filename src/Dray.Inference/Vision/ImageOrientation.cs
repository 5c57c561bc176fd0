namespace Dray.Inference.Vision;

/// <summary>What to do with the orientation that cameras and scanners write into a picture's EXIF data.</summary>
public enum ImageOrientation
{
    /// <summary>Turn the picture upright, as every viewer shows it.</summary>
    Apply,

    /// <summary>Take the pixels as stored, as mistral_common does.</summary>
    Ignore,
}
