namespace Dray.Quantization.Rounding;

/// <summary>A layer's trained scale parameters, α and β of each group, and the grids that they make. Both begin at 1.</summary>
/// <param name="groups">N · G.</param>
/// <param name="limit">The most that a parameter can become; the least is 0.</param>
internal abstract class ScaleParameters(int groups, float limit)
{
    /// <summary>Gets α, [N, G].</summary>
    public float[] Alpha { get; } = Ones(groups);

    /// <summary>Gets β, [N, G].</summary>
    public float[] Beta { get; } = Ones(groups);

    /// <summary>A group's grid as the parameters are now.</summary>
    public abstract Grid GridOf(int group);

    /// <summary>dL/dα and dL/dβ of a group whose grid is <paramref name="grid"/>.</summary>
    public abstract (float Alpha, float Beta) Gradient(int group, Grid grid, GridGradient gradient);

    /// <summary>Moves a group's parameters by <paramref name="rate"/> against the sign of their gradients, as far as they can go.</summary>
    public void Step(int group, Grid grid, GridGradient gradient, float rate)
    {
        var (alpha, beta) = Gradient(group, grid, gradient);
        Alpha[group] = Math.Clamp(Alpha[group] - (rate * Sign(alpha)), 0, limit);
        Beta[group] = Math.Clamp(Beta[group] - (rate * Sign(beta)), 0, limit);
    }

    // Math.Sign throws for NaN, which a diverged loss may bring; the loss is what tells of it.
    private static float Sign(float value) => value > 0 ? 1 : value < 0 ? -1 : 0;

    private static float[] Ones(int count)
    {
        var ones = new float[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
