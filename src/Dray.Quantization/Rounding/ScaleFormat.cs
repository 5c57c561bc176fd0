namespace Dray.Quantization.Rounding;

/// <summary>How scales are kept: in half precision, as checkpoints have them, or in single precision.</summary>
internal readonly record struct ScaleFormat
{
    private readonly bool _single;

    private ScaleFormat(bool single) => _single = single;

    /// <summary>Gets the format of exported checkpoints.</summary>
    public static ScaleFormat Half => default;

    /// <summary>Gets the format that adds no rounding of its own.</summary>
    public static ScaleFormat Single => new(true);

    /// <summary>Gets the least magnitude of a scale, so that a group of zeros can be divided by it.</summary>
    public float Smallest => _single ? 1e-8f : (float)(System.Half)1e-5f;

    /// <summary>Rounds a scale, and moves it away from zero where it is too small; zero becomes positive.</summary>
    public float Round(float scale)
    {
        var rounded = _single ? scale : (float)(System.Half)scale;
        return rounded < 0 ? MathF.Min(rounded, -Smallest) : MathF.Max(rounded, Smallest);
    }
}
