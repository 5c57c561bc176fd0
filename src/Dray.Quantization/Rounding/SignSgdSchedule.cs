namespace Dray.Quantization.Rounding;

/// <summary>How far SignSGD moves parameters at each iteration: from a first rate linearly to zero.</summary>
/// <param name="Iterations">How many iterations there are.</param>
/// <param name="First">The rate of the first.</param>
internal readonly record struct SignSgdSchedule(int Iterations, float First)
{
    /// <summary>
    /// A schedule with AutoRound's usual first rate: 1/iterations, by which an offset can move half a code altogether, and twice that for 3 bits or
    /// less where there are iterations enough.
    /// </summary>
    /// <param name="iterations">How many iterations there are.</param>
    /// <param name="bits">Bits of the layer's codes.</param>
    /// <param name="rate">The first rate, if it isn't to be the usual one.</param>
    public static SignSgdSchedule For(int iterations, int bits, float? rate = null) =>
        new(iterations, rate ?? (iterations >= 1000 && bits <= 3 ? 2f : 1f) / iterations);

    /// <summary>The rate at an iteration, counted from 0.</summary>
    public float Rate(int iteration) => (float)(First * (1 - (iteration / (double)Iterations)));
}
