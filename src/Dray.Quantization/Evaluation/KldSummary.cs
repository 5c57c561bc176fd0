namespace Dray.Quantization.Evaluation;

/// <summary>Divergence over all positions, in nats; quantiles are interpolated between order statistics.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Median">The median.</param>
/// <param name="P90">The 90th percentile.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="P999">The 99.9th percentile.</param>
/// <param name="Greatest">The greatest.</param>
public sealed record KldSummary(double Mean, double Median, double P90, double P95, double P99, double P999, double Greatest)
{
    /// <summary>Sums up the divergences of all positions.</summary>
    public static KldSummary Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        double At(double share) => Quantile(sorted, share);
        return new KldSummary(sorted.Average(), At(0.5), At(0.9), At(0.95), At(0.99), At(0.999), sorted[^1]);
    }

    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
