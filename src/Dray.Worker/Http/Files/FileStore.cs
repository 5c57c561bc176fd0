using Dray.Contracts;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;

namespace Dray.Worker.Http.Files;

/// <summary>Files that clients upload. One is there once its document is, which is written last.</summary>
internal sealed class FileStore(IBlobStore store)
{
    private const int ReadsAtOnce = 16;
    private readonly BlobIndex _index = BlobIndex.OfFiles(store);

    /// <summary>Writes the content of a file that isn't there yet.</summary>
    public async Task<BlobDigest> WriteAsync(string fileId, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        BlobDigest? digest = null;
        var path = BatchPaths.FileContent(fileId);
        await store.PutAsync(
            path,
            async (target, token) =>
            {
                await using var hashed = new HashedStream(target);
                await write(hashed, token);
                digest = new BlobDigest { Path = path, Bytes = hashed.Bytes, Sha256 = hashed.Finish() };
            },
            cancellationToken);
        return digest!;
    }

    /// <summary>Makes a file of content that was written.</summary>
    public async Task AddAsync(StoredFile file, CancellationToken cancellationToken)
    {
        await _index.AddAsync(file.File.Id, file.File.CreatedAt, cancellationToken);
        await store.TryCreateAsync(BatchPaths.FileDocument(file.File.Id), BlobJson.Write(file), cancellationToken);
    }

    /// <summary>A file, or null where there is none.</summary>
    public async Task<StoredFile?> TryReadAsync(string fileId, CancellationToken cancellationToken) =>
        BatchPaths.IsId(fileId) ? await store.TryReadJsonAsync<StoredFile>(BatchPaths.FileDocument(fileId), cancellationToken) : null;

    /// <summary>Deletes a file; batches that were made of it have copies.</summary>
    public async Task DeleteAsync(StoredFile file, CancellationToken cancellationToken)
    {
        await store.DeleteAsync(BatchPaths.FileDocument(file.File.Id), cancellationToken);
        await store.DeleteAsync(file.Content.Path, cancellationToken);
        await _index.RemoveAsync(file.File.Id, file.File.CreatedAt, cancellationToken);
    }

    /// <summary>Deletes what an upload that failed has left.</summary>
    public Task DiscardAsync(string fileId) => store.DeleteAsync(BatchPaths.FileContent(fileId), CancellationToken.None);

    /// <summary>Files, a page at a time.</summary>
    /// <param name="tenant">Whose, or empty for all.</param>
    /// <param name="after">The last file of the page before, or null for the first page.</param>
    /// <param name="limit">The most files.</param>
    /// <param name="oldestFirst">Whether the oldest come first; the newest do otherwise.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<(IReadOnlyList<BatchFile> Files, bool HasMore)> ListAsync(
        string tenant, BatchFile? after, int limit, bool oldestFirst, CancellationToken cancellationToken)
    {
        var ids = oldestFirst
            ? OldestFirstAsync(tenant, after, cancellationToken)
            : _index.ListAsync(tenant, after is null ? null : (after.Id, after.CreatedAt), cancellationToken);
        var found = new List<BatchFile>();
        await foreach (var some in ids.Chunk(Math.Min(limit + 1, ReadsAtOnce)).WithCancellation(cancellationToken))
        {
            // An entry may be there a moment before its file, and after it.
            var files = await Task.WhenAll(some.Select(id => TryReadAsync(id, cancellationToken)));
            found.AddRange(files.OfType<StoredFile>().Select(file => file.File));
            if (found.Count > limit) break;
        }

        return ([.. found.Take(limit)], found.Count > limit);
    }

    private async IAsyncEnumerable<string> OldestFirstAsync(
        string tenant, BatchFile? after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ids = await _index.ListAsync(tenant, null, cancellationToken).ToListAsync(cancellationToken);
        ids.Reverse();
        foreach (var id in after is null ? ids : ids.SkipWhile(id => id != after.Id).Skip(1)) yield return id;
    }
}
