namespace Dray.Inference.Compute;

/// <summary>
/// The scale of one token's key or value of one head in an fp8 cache: its largest magnitude becomes ±448, so nothing saturates. A number x is
/// held as the code of x / scale and read as code · scale.
/// </summary>
public static class KvHeadScale
{
    /// <summary>
    /// largest / 448; 1 for a head of zeros, or of numbers so small that the scale would be subnormal. NaN if a number is NaN, so that it is
    /// seen in what attention makes of the head.
    /// </summary>
    public static float Of(float largest)
    {
        if (float.IsPositiveInfinity(largest)) largest = float.MaxValue;
        var scale = largest / Fp8E4M3.MaxValue;
        return scale < MinNormal ? 1 : scale;
    }

    /// <summary>The scale of <paramref name="head"/>.</summary>
    public static float Of(ReadOnlySpan<float> head)
    {
        var largest = 0f;
        foreach (var value in head) largest = MathF.Max(largest, MathF.Abs(value));
        return Of(largest);
    }

    private const float MinNormal = 1.17549435e-38f;
}
