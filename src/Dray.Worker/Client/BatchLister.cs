using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Lists batches, newest first, a page at a time.</summary>
internal sealed class BatchLister(IBlobStore store, BatchReader reader)
{
    private const int ReadsAtOnce = 16;
    private readonly BlobIndex _index = BlobIndex.OfBatches(store);
    private volatile bool _isMade;

    /// <summary>A page.</summary>
    /// <param name="tenant">Whose batches, or empty for all.</param>
    /// <param name="after">The last batch of the page before, or null for the first page.</param>
    /// <param name="limit">The most batches.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="BatchClientException">There is no batch <paramref name="after"/>, or it is another tenant's.</exception>
    public async Task<BatchPage> ListAsync(string tenant, string? after, int limit, CancellationToken cancellationToken)
    {
        await MakeAsync(cancellationToken);
        (string Id, long CreatedAt)? from = null;
        if (after is not null)
        {
            if (tenant.Length > 0 && BatchPaths.TenantOf(after) != tenant) throw BatchReader.Unknown(after);
            from = (after, (await reader.ReadAsync(after, cancellationToken)).Batch.CreatedAt);
        }

        var found = new List<BatchSnapshot>();
        await foreach (var ids in _index.ListAsync(tenant, from, cancellationToken).Chunk(Math.Min(limit + 1, ReadsAtOnce)).WithCancellation(cancellationToken))
        {
            // An entry outlives a batch whose blobs were deleted.
            found.AddRange((await Task.WhenAll(ids.Select(id => reader.TryReadAsync(id, cancellationToken)))).OfType<BatchSnapshot>());
            if (found.Count > limit) break;
        }

        return new BatchPage([.. found.Take(limit)], found.Count > limit);
    }

    // A store from before lists were kept has batches without an entry: whoever lists first enters them.
    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        if (_isMade) return;
        if (!await store.ExistsAsync(BatchPaths.IndexMade, cancellationToken))
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(store.ListFoldersAsync(BatchPaths.Batches, cancellationToken), parallel, async (id, token) =>
            {
                if (await reader.TryReadAsync(id, token) is { } batch) await _index.AddAsync(id, batch.Batch.CreatedAt, token);
            });
            await store.TryCreateAsync(BatchPaths.IndexMade, ReadOnlyMemory<byte>.Empty, cancellationToken);
        }

        _isMade = true;
    }
}
