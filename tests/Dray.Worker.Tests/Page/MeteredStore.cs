using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Page;

/// <summary>A store that counts the bytes that are read from its blobs.</summary>
internal sealed class MeteredStore(IBlobStore inner) : IBlobStore
{
    private readonly List<CountedStream> _streams = [];

    public long ReadBytes => _streams.Sum(stream => stream.Bytes);

    public async Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        var stream = new CountedStream(await inner.OpenReadAsync(path, offset, length, cancellationToken));
        _streams.Add(stream);
        return stream;
    }

    public Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default) => inner.TryReadAsync(path, cancellationToken);

    public Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        inner.TryCreateAsync(path, write, cancellationToken);

    public Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default) =>
        inner.TryReplaceAsync(path, content, ifMatch, cancellationToken);

    public Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        inner.PutAsync(path, write, cancellationToken);

    public Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        inner.AppendAsync(path, content, cancellationToken);

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) => inner.ExistsAsync(path, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string prefix, string? after, CancellationToken cancellationToken = default) =>
        inner.ListAsync(prefix, after, cancellationToken);

    public IAsyncEnumerable<BlobEntry> ListEntriesAsync(string prefix, CancellationToken cancellationToken = default) =>
        inner.ListEntriesAsync(prefix, cancellationToken);

    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken = default) =>
        inner.ListFoldersAsync(prefix, cancellationToken);

    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default) => inner.ReadClockAsync(cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken = default) => inner.DeleteAsync(path, cancellationToken);
}
