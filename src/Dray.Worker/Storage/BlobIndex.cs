namespace Dray.Worker.Storage;

/// <summary>
/// Lists of batches or files, newest first: one of all, and one for each tenant. An entry is an empty blob that says all in its name, so that
/// a page of a list costs no more than its entries, however many there are.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="kind">What is listed.</param>
internal sealed class BlobIndex(IBlobStore store, string kind)
{
    /// <summary>The lists of batches.</summary>
    public static BlobIndex OfBatches(IBlobStore store) => new(store, "batches");

    /// <summary>The lists of files.</summary>
    public static BlobIndex OfFiles(IBlobStore store) => new(store, "files");

    /// <summary>Enters something; once is enough.</summary>
    public async Task AddAsync(string id, long createdAt, CancellationToken cancellationToken)
    {
        foreach (var path in EntriesOf(id, createdAt)) await store.TryCreateAsync(path, ReadOnlyMemory<byte>.Empty, cancellationToken);
    }

    /// <summary>Strikes something out.</summary>
    public async Task RemoveAsync(string id, long createdAt, CancellationToken cancellationToken)
    {
        foreach (var path in EntriesOf(id, createdAt)) await store.DeleteAsync(path, cancellationToken);
    }

    /// <summary>Ids, newest first.</summary>
    /// <param name="tenant">Whose, or empty for all.</param>
    /// <param name="after">What to begin after, and when it was created, or null for the newest.</param>
    /// <param name="cancellationToken">Stops.</param>
    public IAsyncEnumerable<string> ListAsync(string tenant, (string Id, long CreatedAt)? after, CancellationToken cancellationToken)
    {
        var index = BatchPaths.Index(kind, tenant);
        var from = after is var (id, createdAt) ? BatchPaths.IndexEntry(index, id, createdAt) : null;
        return store.ListAsync(index, from, cancellationToken).Select(BatchPaths.IdOfEntry).OfType<string>();
    }

    // The tenant's first: what is in the list of all is in its tenant's.
    private IEnumerable<string> EntriesOf(string id, long createdAt) =>
        new[] { BatchPaths.TenantOf(id), "" }.Distinct().Select(tenant => BatchPaths.IndexEntry(BatchPaths.Index(kind, tenant), id, createdAt));
}
