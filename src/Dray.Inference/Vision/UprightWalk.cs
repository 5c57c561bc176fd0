using SkiaSharp;

namespace Dray.Inference.Vision;

/// <summary>
/// How to lay a stored picture's pixels into the upright one: every orientation of EXIF and TIFF is a walk over the target with a start and
/// two strides, in pixels.
/// </summary>
/// <param name="Start">Where the first stored pixel goes.</param>
/// <param name="Right">How far the next stored pixel of a row is from the one before.</param>
/// <param name="Down">How far a stored row's first pixel is from that of the row before.</param>
/// <param name="IsTurned">Whether width and height are swapped.</param>
internal readonly record struct UprightWalk(int Start, int Right, int Down, bool IsTurned)
{
    /// <summary>The walk for a picture that is stored <paramref name="width"/> x <paramref name="height"/>.</summary>
    public static UprightWalk Of(SKEncodedOrigin origin, int width, int height)
    {
        var last = (width * height) - 1;
        return origin switch
        {
            SKEncodedOrigin.TopRight => new(width - 1, -1, width, false),
            SKEncodedOrigin.BottomRight => new(last, -1, -width, false),
            SKEncodedOrigin.BottomLeft => new(last - width + 1, 1, -width, false),
            SKEncodedOrigin.LeftTop => new(0, height, 1, true),
            SKEncodedOrigin.RightTop => new(height - 1, height, -1, true),
            SKEncodedOrigin.RightBottom => new(last, -height, -1, true),
            SKEncodedOrigin.LeftBottom => new(last - height + 1, -height, 1, true),
            _ => new(0, 1, width, false),
        };
    }
}
