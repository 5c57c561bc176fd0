using Dray.Contracts;

namespace Dray.Worker.Execution;

/// <summary>How a job ended: one of the two events.</summary>
/// <param name="Completed">Set where it has an answer.</param>
/// <param name="Failed">Set where it has none.</param>
internal sealed record JobOutcome(JobCompleted? Completed, JobFailed? Failed);
