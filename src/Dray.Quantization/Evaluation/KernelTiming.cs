namespace Dray.Quantization.Evaluation;

/// <summary>One matrix product.</summary>
/// <param name="Matrix">Which of a layer's, or the head.</param>
/// <param name="Outputs">N.</param>
/// <param name="Inputs">K.</param>
/// <param name="Copies">Copies of the matrix that took turns.</param>
/// <param name="Rows">M.</param>
/// <param name="WeightBytes">Bytes of the weights in memory.</param>
/// <param name="Seconds">What a product takes, the median.</param>
public sealed record KernelTiming(string Matrix, int Outputs, int Inputs, int Copies, int Rows, long WeightBytes, double Seconds)
{
    /// <summary>Gets the rows per second.</summary>
    public double TokensPerSecond => Rows / Seconds;

    /// <summary>Gets the operations per second in GFLOP/s; a multiply-add counts as two.</summary>
    public double Gigaflops => 2.0 * Rows * Outputs * Inputs / Seconds / 1e9;

    /// <summary>Gets the GB/s of weights, each read once.</summary>
    public double WeightBandwidth => WeightBytes / Seconds / 1e9;
}
