namespace Dray.Quantization.Rounding;

/// <summary>Grids from the lower end times α to the upper end times β.</summary>
/// <param name="low">The groups' least weights, at most 0.</param>
/// <param name="high">The groups' greatest weights, at least 0.</param>
/// <param name="maxCode">The largest code.</param>
/// <param name="format">How scales are kept.</param>
internal sealed class AsymmetricScales(float[] low, float[] high, int maxCode, ScaleFormat format) : ScaleParameters(low.Length, 1)
{
    public override Grid GridOf(int group)
    {
        var bottom = low[group] * Alpha[group];
        return Grid.Asymmetric(bottom, ((high[group] * Beta[group]) - bottom) / maxCode, maxCode, format);
    }

    /// <summary>The zero point, −bottom / scale, moves with the scale and with the bottom.</summary>
    public override (float Alpha, float Beta) Gradient(int group, Grid grid, GridGradient gradient)
    {
        var bottom = low[group] * Alpha[group];
        var byScale = grid.Scale <= format.Smallest ? 0 : gradient.Scale + (gradient.Zero * bottom / (grid.Scale * grid.Scale));
        return (low[group] * (-(byScale / maxCode) - (gradient.Zero / grid.Scale)), high[group] * byScale / maxCode);
    }
}
