using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Page.Rows;

/// <summary>The indexes of the batches that somebody looked at last.</summary>
internal sealed class RowIndexes(IBlobStore store)
{
    // At 50,000 rows one takes about 2 MB.
    private const int Most = 8;
    private readonly LinkedList<RowIndex> _indexes = new();
    private readonly Lock _gate = new();

    /// <summary>The index of a batch, or null while its input isn't cut.</summary>
    public async Task<RowIndex?> FindAsync(BatchState state, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Take(state.Batch) is { } known) return known;
        }

        if (await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(state.Batch.Id), cancellationToken) is not { } plan) return null;
        lock (_gate)
        {
            if (Take(state.Batch) is { } known) return known;
            if (_indexes.Count == Most) _indexes.RemoveLast();
            return _indexes.AddFirst(new RowIndex(store, state.Batch, plan)).Value;
        }
    }

    private RowIndex? Take(Batch batch)
    {
        var found = _indexes.FirstOrDefault(index => index.BatchId == batch.Id);
        if (found is null) return null;
        _indexes.Remove(found);
        if (found.CreatedAt != batch.CreatedAt) return null;
        return _indexes.AddFirst(found).Value;
    }
}
