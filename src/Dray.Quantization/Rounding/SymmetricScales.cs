namespace Dray.Quantization.Rounding;

/// <summary>Full-range symmetric grids from the lower end times α or the upper end times β, whichever is farther from zero.</summary>
/// <param name="low">The groups' least weights, at most 0.</param>
/// <param name="high">The groups' greatest weights, at least 0.</param>
/// <param name="middle">The zero point.</param>
/// <param name="format">How scales are kept.</param>
internal sealed class SymmetricScales(float[] low, float[] high, int middle, ScaleFormat format) : ScaleParameters(low.Length, 1)
{
    public override Grid GridOf(int group) => Grid.Symmetric(low[group] * Alpha[group], high[group] * Beta[group], middle, format);

    /// <summary>Only the farther end counts. Of equally far ones each counts half; the lower one's sign is then that of a scale it doesn't make alone.</summary>
    public override (float Alpha, float Beta) Gradient(int group, Grid grid, GridGradient gradient)
    {
        if (MathF.Abs(grid.Scale) <= format.Smallest) return default;
        var (below, above) = (-low[group] * Alpha[group], high[group] * Beta[group]);
        var (byLow, byHigh) = (-gradient.Scale * low[group] / middle, -gradient.Scale * high[group] / middle);
        return below > above ? (byLow, 0) : below < above ? (0, byHigh) : (-byLow / 2, byHigh / 2);
    }
}
