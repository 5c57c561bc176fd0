namespace Dray.Quantization.Rounding;

/// <summary>The values that a group's weights can take: <c>Scale · (code − Zero)</c>.</summary>
/// <param name="Scale">The distance of two neighbours; negative where the greatest weight has the least code.</param>
/// <param name="Zero">The code of zero, a whole number.</param>
internal readonly record struct Grid(float Scale, float Zero)
{
    /// <summary>
    /// The full-range symmetric grid: whichever end is farther from zero gets code 0, so that the scale is negative where that is the upper
    /// one. Equally far ends count as the upper one.
    /// </summary>
    /// <param name="low">The lower end, at most 0.</param>
    /// <param name="high">The upper end, at least 0.</param>
    /// <param name="middle">The code of zero.</param>
    /// <param name="format">How the scale is kept.</param>
    public static Grid Symmetric(float low, float high, int middle, ScaleFormat format) =>
        new(format.Round((high < -low ? -low : -high) / middle), middle);

    /// <summary>The grid from <paramref name="low"/> upwards in steps of <paramref name="step"/>, moved so that zero is on it.</summary>
    /// <param name="low">The lower end, at most 0.</param>
    /// <param name="step">The range divided by the largest code.</param>
    /// <param name="maxCode">The largest code.</param>
    /// <param name="format">How the scale is kept.</param>
    public static Grid Asymmetric(float low, float step, int maxCode, ScaleFormat format)
    {
        var scale = format.Round(step);
        return new(scale, MathF.Min(MathF.Round(-low / scale), maxCode));
    }
}
