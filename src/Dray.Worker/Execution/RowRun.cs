using Dray.Contracts;

namespace Dray.Worker.Execution;

/// <summary>A row that is to run, and the circumstances.</summary>
/// <param name="Row">The row.</param>
/// <param name="Priority">How urgent its batch is.</param>
/// <param name="Stop">Tells when the batch is to stop.</param>
/// <param name="Waiting">Cancelled when the row isn't to begin any more.</param>
internal readonly record struct RowRun(ChunkRow Row, JobPriority Priority, BatchStop Stop, CancellationToken Waiting);
