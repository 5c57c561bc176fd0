namespace Dray.Inference.Sampling;

/// <summary>Finds where a ranking is cut without sorting it. Holds scratch for one vocabulary; not thread-safe.</summary>
internal sealed class TopSelector(int vocabulary)
{
    private const int BlockSize = 128;

    // A pivot that is bad this often in a row is no accident; sorting ends it.
    private const int MaxRounds = 64;

    private const int Few = 4096;

    // Exponent and four bits of the mantissa.
    private const int OctaveShift = 19;

    private readonly double[] _octaveMass = new double[Octave(1f) + 1];
    private readonly float[] _values = new float[vocabulary];
    private readonly int[] _indices = new int[vocabulary];
    private readonly float[] _maxima = new float[((vocabulary - 1) / BlockSize) + 1];

    /// <summary>The value at rank <paramref name="k"/> (from 1, greatest first) of <paramref name="values"/>.</summary>
    /// <remarks>
    /// The k-th greatest of block maxima bounds the k-th greatest value from below, so that two fast passes leave little more than k
    /// values to select from.
    /// </remarks>
    public float KthLargest(ReadOnlySpan<float> values, int k)
    {
        if (k > _maxima.Length)
        {
            values.CopyTo(_values);
            return Select(_values.AsSpan(0, values.Length), k);
        }

        var blocks = LogitKernels.BlockMaxima(values, BlockSize, _maxima);
        if (k > blocks) return float.NegativeInfinity;
        var bound = Select(_maxima.AsSpan(0, blocks), k);
        var count = LogitKernels.AtLeast(values, bound, _indices, _values);
        return Select(_values.AsSpan(0, count), k);
    }

    /// <summary>
    /// The smallest set of greatest weights that adds up to at least <paramref name="mass"/>: all weights above <c>Cut</c>, and
    /// <c>Ties</c> of those equal to it.
    /// </summary>
    /// <param name="weights">Weights in [0, 1], the greatest of them 1.</param>
    /// <param name="mass">Greater than 0.</param>
    public (float Cut, int Ties) Nucleus(ReadOnlySpan<float> weights, double mass)
    {
        // Language puts its mass on few tokens: try those within e^-4 of the best first, then further out.
        for (var reach = 4; reach <= 16; reach += reach)
        {
            var count = LogitKernels.AtLeast(weights, MathF.Exp(-reach), _indices, _values);
            if (count > Few) break;
            if (LogitKernels.Sum(_values.AsSpan(0, count)) >= mass) return Accumulate(_values.AsSpan(0, count), mass);
        }

        return NucleusByOctave(weights, mass);
    }

    // Where the mass is spread over the whole vocabulary: one pass adds it up per sixteenth of an octave, and only the sixteenth in which
    // the border lies is looked at closely. Positive floats sort as their bits do.
    private (float Cut, int Ties) NucleusByOctave(ReadOnlySpan<float> weights, double mass)
    {
        Array.Clear(_octaveMass);
        foreach (var weight in weights) _octaveMass[Octave(weight)] += weight;
        var border = _octaveMass.Length - 1;
        while (border > 0 && _octaveMass[border] < mass) mass -= _octaveMass[border--];

        var count = 0;
        foreach (var weight in weights)
        {
            if (Octave(weight) == border) _values[count++] = weight;
        }

        // Rounding can leave a trace of mass that no weight is left for.
        return count == 0 ? (0f, weights.Length) : Accumulate(_values.AsSpan(0, count), mass);
    }

    private static int Octave(float weight) => (int)(BitConverter.SingleToUInt32Bits(weight) >> OctaveShift);

    private static (float Cut, int Ties) Accumulate(Span<float> weights, double mass)
    {
        while (true)
        {
            var pivot = Pivot(weights);
            var (greater, equal) = Partition(weights, pivot);
            var above = LogitKernels.Sum(weights[..greater]);
            if (above >= mass)
            {
                weights = weights[..greater];
                continue;
            }

            mass -= above;
            var ties = equal - greater;
            if (pivot * (double)ties >= mass || equal == weights.Length)
                return (pivot, pivot > 0 ? Math.Clamp((int)Math.Ceiling(mass / pivot), 1, ties) : ties);
            mass -= pivot * (double)ties;
            weights = weights[equal..];
        }
    }

    private static float Select(Span<float> values, int k)
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var pivot = Pivot(values);
            var (greater, equal) = Partition(values, pivot);
            if (k <= greater)
            {
                values = values[..greater];
            }
            else if (k <= equal)
            {
                return pivot;
            }
            else
            {
                k -= equal;
                values = values[equal..];
            }
        }

        values.Sort();
        return values[^k];
    }

    private static float Pivot(ReadOnlySpan<float> values)
    {
        var (a, b, c) = (values[0], values[values.Length / 2], values[^1]);
        return Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
    }

    // Three ways: [0, Greater) above the pivot, [Greater, Equal) equal to it, the rest below.
    private static (int Greater, int Equal) Partition(Span<float> values, float pivot)
    {
        int greater = 0, at = 0, less = values.Length;
        while (at < less)
        {
            var value = values[at];
            if (value > pivot)
            {
                values[at++] = values[greater];
                values[greater++] = value;
            }
            else if (value < pivot)
            {
                values[at] = values[--less];
                values[less] = value;
            }
            else
            {
                at++;
            }
        }

        return (greater, less);
    }
}
