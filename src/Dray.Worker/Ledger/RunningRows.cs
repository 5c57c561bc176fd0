using Dray.Contracts;

namespace Dray.Worker.Ledger;

/// <summary>The rows of chunks that aren't done, which a batch's own counts leave out.</summary>
internal static class RunningRows
{
    /// <summary>The batch with counts and usage that include them.</summary>
    public static Batch Included(BatchState state)
    {
        var counts = state.Batch.RequestCounts;
        var usage = state.Batch.Usage;
        var recorded = state.Chunks.Select(chunk => chunk.Index).ToHashSet();
        foreach (var chunk in state.Running.Where(chunk => !recorded.Contains(chunk.Index)))
        {
            counts = counts with { Completed = counts.Completed + chunk.Completed, Failed = counts.Failed + chunk.Failed };
            usage = usage.Plus(chunk.Usage);
        }

        return state.Batch with { RequestCounts = counts, Usage = usage };
    }
}
