using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Support;

/// <summary>A store whose conditional writes take effect, and now and then say that they didn't: as one does whose reply was lost.</summary>
internal sealed class UnsureStore(IBlobStore inner, Func<int, bool> denies) : IBlobStore
{
    private int _writes;

    public int Denials { get; private set; }

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) =>
        inner.OpenReadAsync(path, offset, length, cancellationToken);

    public Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default) => inner.TryReadAsync(path, cancellationToken);

    public async Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        Admit(await inner.TryCreateAsync(path, write, cancellationToken));

    public async Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default) =>
        Admit(await inner.TryReplaceAsync(path, content, ifMatch, cancellationToken));

    public Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        inner.PutAsync(path, write, cancellationToken);

    public async Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        await inner.AppendAsync(path, content, cancellationToken);
        if (!Admit(true)) await inner.AppendAsync(path, content, cancellationToken);
    }

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) => inner.ExistsAsync(path, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string prefix, string? after, CancellationToken cancellationToken = default) => inner.ListAsync(prefix, after, cancellationToken);

    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListFoldersAsync(prefix, cancellationToken);

    public IAsyncEnumerable<BlobEntry> ListEntriesAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListEntriesAsync(prefix, cancellationToken);

    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default) => inner.ReadClockAsync(cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken = default) => inner.DeleteAsync(path, cancellationToken);

    private bool Admit(bool done)
    {
        if (!done || !denies(Interlocked.Increment(ref _writes))) return done;
        Denials++;
        return false;
    }
}
