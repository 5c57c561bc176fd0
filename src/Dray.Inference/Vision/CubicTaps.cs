namespace Dray.Inference.Vision;

/// <summary>
/// Which four source samples each target sample along one axis is made of, and their weights: Keys' cubic convolution (1981) with
/// a = −0.75, sample centres at .5, and no widening when reducing. This is OpenCV's INTER_CUBIC, which mistral_common resizes with.
/// </summary>
internal sealed class CubicTaps
{
    /// <summary>Samples per target sample.</summary>
    public const int Count = 4;

    /// <summary>Samples by which taps can reach beyond the source, on either side.</summary>
    public const int Margin = 2;

    private const float A = -0.75f;

    private readonly int[] _first;
    private readonly float[] _weights;

    /// <param name="from">Source samples.</param>
    /// <param name="to">Target samples.</param>
    public CubicTaps(int from, int to)
    {
        _first = new int[to];
        _weights = new float[to * Count];
        var scale = (double)from / to;
        for (var i = 0; i < to; i++)
        {
            var position = (float)(((i + 0.5) * scale) - 0.5);
            var floor = MathF.Floor(position);
            _first[i] = (int)floor - 1;
            var offset = position - floor;
            var weights = _weights.AsSpan(i * Count, Count);
            weights[0] = Far(1 + offset);
            weights[1] = Near(offset);
            weights[2] = Near(1 - offset);
            weights[3] = 1 - weights[0] - weights[1] - weights[2];
        }
    }

    /// <summary>Gets the first source sample of each target sample, in [−2, from − 2]: taps beyond the source repeat its border.</summary>
    public ReadOnlySpan<int> First => _first;

    /// <summary>Gets the weights, [to, 4]; those of one target sample add up to 1.</summary>
    public ReadOnlySpan<float> Weights => _weights;

    private static float Near(float x) => ((((A + 2) * x) - (A + 3)) * x * x) + 1;

    private static float Far(float x) => (((((A * x) - (5 * A)) * x) + (8 * A)) * x) - (4 * A);
}
