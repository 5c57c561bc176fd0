using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Support;

/// <summary>A store that does what another does; what is to differ is overridden.</summary>
/// <param name="inner">The other.</param>
internal abstract class StoreDecorator(IBlobStore inner) : IBlobStore
{
    public virtual Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) =>
        inner.OpenReadAsync(path, offset, length, cancellationToken);

    public virtual Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default) =>
        inner.TryReadAsync(path, cancellationToken);

    public virtual Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        inner.TryCreateAsync(path, write, cancellationToken);

    public virtual Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default) =>
        inner.TryReplaceAsync(path, content, ifMatch, cancellationToken);

    public virtual Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        inner.PutAsync(path, write, cancellationToken);

    public virtual Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        inner.AppendAsync(path, content, cancellationToken);

    public virtual Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) =>
        inner.ExistsAsync(path, cancellationToken);

    public virtual IAsyncEnumerable<string> ListAsync(string prefix, string? after, CancellationToken cancellationToken = default) =>
        inner.ListAsync(prefix, after, cancellationToken);

    public virtual IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken = default) =>
        inner.ListFoldersAsync(prefix, cancellationToken);

    public virtual IAsyncEnumerable<BlobEntry> ListEntriesAsync(string prefix, CancellationToken cancellationToken = default) =>
        inner.ListEntriesAsync(prefix, cancellationToken);

    public virtual Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default) =>
        inner.ReadClockAsync(cancellationToken);

    public virtual Task DeleteAsync(string path, CancellationToken cancellationToken = default) =>
        inner.DeleteAsync(path, cancellationToken);
}
