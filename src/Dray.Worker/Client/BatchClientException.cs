namespace Dray.Worker.Client;

/// <summary>A client that couldn't do what it was asked.</summary>
/// <param name="problem">What kind of problem.</param>
/// <param name="message">A whole sentence with the remedy.</param>
/// <param name="innerException">What caused it, or null.</param>
public sealed class BatchClientException(BatchClientProblem problem, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Gets what kind of problem it is.</summary>
    public BatchClientProblem Problem { get; } = problem;
}
