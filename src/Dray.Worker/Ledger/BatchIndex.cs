using Dray.Worker.Storage;

namespace Dray.Worker.Ledger;

/// <summary>
/// The lists of batches, newest first: one of all, and one for each tenant. An entry is an empty blob that says all in its name, so that a
/// page of a list costs no more than its entries, however many batches there are.
/// </summary>
internal sealed class BatchIndex(IBlobStore store)
{
    /// <summary>Enters a batch; once is enough.</summary>
    public async Task AddAsync(string batchId, long createdAt, CancellationToken cancellationToken)
    {
        // The tenant's first: what is in the list of all is in its tenant's.
        if (BatchPaths.TenantOf(batchId) is { Length: > 0 } tenant) await AddAsync(BatchPaths.IndexOf(tenant));
        await AddAsync(BatchPaths.Index);

        Task AddAsync(string index) => store.TryCreateAsync(BatchPaths.IndexEntry(index, batchId, createdAt), ReadOnlyMemory<byte>.Empty, cancellationToken);
    }

    /// <summary>The ids of batches, newest first.</summary>
    /// <param name="tenant">Whose, or empty for all.</param>
    /// <param name="after">The batch, and when it was created, to begin after, or null for the newest.</param>
    /// <param name="cancellationToken">Stops.</param>
    public IAsyncEnumerable<string> ListAsync(string tenant, (string Id, long CreatedAt)? after, CancellationToken cancellationToken)
    {
        var index = tenant.Length == 0 ? BatchPaths.Index : BatchPaths.IndexOf(tenant);
        var from = after is var (id, createdAt) ? BatchPaths.IndexEntry(index, id, createdAt) : null;
        return store.ListAsync(index, from, cancellationToken).Select(BatchPaths.BatchOfEntry).OfType<string>();
    }
}
