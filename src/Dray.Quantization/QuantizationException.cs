namespace Dray.Quantization;

/// <summary>A checkpoint can't be written; the message is a whole sentence that names the folder and the remedy.</summary>
/// <param name="problem">Why.</param>
/// <param name="message">The sentence.</param>
/// <param name="innerException">What caused it, or null.</param>
public sealed class QuantizationException(QuantizationProblem problem, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Gets why.</summary>
    public QuantizationProblem Problem { get; } = problem;
}
