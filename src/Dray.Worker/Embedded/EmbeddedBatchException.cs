namespace Dray.Worker.Embedded;

/// <summary>An embedded batch that didn't run, or not to its end; what it had done is kept.</summary>
/// <param name="problem">What kind of problem.</param>
/// <param name="message">A whole sentence with the remedy.</param>
/// <param name="innerException">What caused it, or null.</param>
public sealed class EmbeddedBatchException(EmbeddedBatchProblem problem, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Gets what kind of problem it is.</summary>
    public EmbeddedBatchProblem Problem { get; } = problem;
}
