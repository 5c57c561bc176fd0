using Dray.Contracts;

namespace Dray.Worker.Execution;

/// <summary>How running a chunk ended. Where it isn't done and not suspended either, it was told to hand back what is left.</summary>
/// <param name="Result">Set where all its rows are done.</param>
/// <param name="Suspended">Set where its rows are to wait, because the batch is paused or out of tokens.</param>
internal readonly record struct ChunkOutcome(ChunkResult? Result, StopReason? Suspended);
