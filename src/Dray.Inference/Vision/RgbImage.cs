namespace Dray.Inference.Vision;

/// <summary>A decoded picture: 8-bit RGB, rows from the top, pixels from the left, no padding.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">[Height, Width, 3].</param>
internal sealed record RgbImage(int Width, int Height, byte[] Pixels);
