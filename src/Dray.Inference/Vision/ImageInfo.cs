namespace Dray.Inference.Vision;

/// <summary>What a picture's header says about it.</summary>
/// <param name="Width">Width in pixels, upright if orientation is applied.</param>
/// <param name="Height">Height in pixels, upright if orientation is applied.</param>
/// <param name="Geometry">Its layout in tokens and patches.</param>
public readonly record struct ImageInfo(int Width, int Height, ImageGeometry Geometry);
