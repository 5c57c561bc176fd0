namespace Dray.Inference.Compute;

/// <summary>The Gauss error function, which .NET lacks.</summary>
internal static class ErrorFunction
{
    /// <summary>erf(x) to within 1e-15: its Maclaurin series near 0, the continued fraction of erfc (Lentz) elsewhere. Abramowitz and Stegun 7.1.5, 7.1.14.</summary>
    public static double Erf(double x)
    {
        var magnitude = Math.Abs(x);
        if (magnitude > 6) return Math.Sign(x);
        return magnitude < 2 ? Series(x) : Math.Sign(x) * (1 - ContinuedFraction(magnitude));
    }

    private static double Series(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static double ContinuedFraction(double x)
    {
        var fraction = 0.0;
        for (var n = 60; n > 0; n--) fraction = n / 2.0 / (x + fraction);
        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (x + fraction);
    }
}
