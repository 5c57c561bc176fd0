using Dray.Worker.Execution;

namespace Dray.Worker.Embedded;

/// <summary>Adds up how far the chunks of an embedded batch are, and passes it on.</summary>
internal sealed class EmbeddedObserver(IProgress<EmbeddedBatchProgress>? progress, TimeProvider time) : IBatchObserver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, ChunkProgress> _chunks = [];
    private readonly long _start = time.GetTimestamp();
    private EmbeddedBatchProgress _sum;

    /// <summary>Gets how far the batch is.</summary>
    public EmbeddedBatchProgress Current
    {
        get
        {
            lock (_gate) return _sum with { Elapsed = time.GetElapsedTime(_start) };
        }
    }

    /// <inheritdoc/>
    public void Planned(string batchId, long rows)
    {
        lock (_gate) _sum = _sum with { Total = rows };
        progress?.Report(Current);
    }

    /// <inheritdoc/>
    public void Progressed(ChunkProgress chunk)
    {
        lock (_gate)
        {
            var before = _chunks.GetValueOrDefault(chunk.Chunk, chunk with { Done = ChunkTally.Empty, Resumed = ChunkTally.Empty });

            // Rows end on many threads: a report that was overtaken tells nothing new.
            if (Rows(chunk.Done) < Rows(before.Done)) return;
            _chunks[chunk.Chunk] = chunk;
            _sum = _sum with
            {
                Completed = _sum.Completed + chunk.Done.Completed - before.Done.Completed,
                Failed = _sum.Failed + chunk.Done.Failed - before.Done.Failed,
                Resumed = _sum.Resumed + Rows(chunk.Resumed) - Rows(before.Resumed),
                PromptTokens = _sum.PromptTokens + Own(chunk).InputTokens - Own(before).InputTokens,
                CompletionTokens = _sum.CompletionTokens + Own(chunk).OutputTokens - Own(before).OutputTokens,
            };
        }

        progress?.Report(Current);
    }

    private static int Rows(ChunkTally tally) => tally.Completed + tally.Failed;

    private static (long InputTokens, long OutputTokens) Own(ChunkProgress chunk) => (
        chunk.Done.Usage.InputTokens - chunk.Resumed.Usage.InputTokens, chunk.Done.Usage.OutputTokens - chunk.Resumed.Usage.OutputTokens);
}
