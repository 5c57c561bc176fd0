namespace Dray.Worker.Execution;

/// <summary>How far a chunk is: absolute, so that it may be reported any number of times.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="Chunk">The chunk's number.</param>
/// <param name="Done">Its rows that are done.</param>
/// <param name="Resumed">Those of them that an earlier delivery or run had done.</param>
internal readonly record struct ChunkProgress(string BatchId, int Chunk, ChunkTally Done, ChunkTally Resumed);
