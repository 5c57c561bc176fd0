namespace Dray.Quantization.Rounding;

/// <summary>Symmetric grids whose scales are found beforehand and multiplied by β, from 0 to 2; α has no effect. AutoRound's <c>enable_alg_ext</c>.</summary>
/// <param name="scales">The scales to begin with, [N, G].</param>
/// <param name="middle">The zero point.</param>
/// <param name="format">How scales are kept.</param>
internal sealed class SearchedScales(float[] scales, int middle, ScaleFormat format) : ScaleParameters(scales.Length, 2)
{
    public override Grid GridOf(int group) => new(format.Round(scales[group] * Beta[group]), middle);

    public override (float Alpha, float Beta) Gradient(int group, Grid grid, GridGradient gradient) =>
        (0, MathF.Abs(grid.Scale) <= format.Smallest ? 0 : gradient.Scale * scales[group]);
}
