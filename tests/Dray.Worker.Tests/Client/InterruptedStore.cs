using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Client;

/// <summary>A store whose line goes dead after so many writes.</summary>
internal sealed class InterruptedStore(IBlobStore store, int writes) : IBlobStore
{
    private int _left = writes;

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) =>
        store.OpenReadAsync(path, offset, length, cancellationToken);

    public Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default) => store.TryReadAsync(path, cancellationToken);

    public Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        Interlocked.Decrement(ref _left) < 0 ? throw new IOException("The line is dead.") : store.TryCreateAsync(path, write, cancellationToken);

    public Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default) =>
        store.TryReplaceAsync(path, content, ifMatch, cancellationToken);

    public Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        store.PutAsync(path, write, cancellationToken);

    public Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        store.AppendAsync(path, content, cancellationToken);

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) => store.ExistsAsync(path, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string prefix, string? after, CancellationToken cancellationToken = default) => store.ListAsync(prefix, after, cancellationToken);

    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken = default) => store.ListFoldersAsync(prefix, cancellationToken);

    public IAsyncEnumerable<BlobEntry> ListEntriesAsync(string prefix, CancellationToken cancellationToken = default) => store.ListEntriesAsync(prefix, cancellationToken);

    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default) => store.ReadClockAsync(cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken = default) => store.DeleteAsync(path, cancellationToken);
}
