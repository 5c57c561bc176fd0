using System.Diagnostics;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Support;

/// <summary>A store whose first reads of documents fail, as one does that is out of reach for a while.</summary>
internal sealed class FailingStore(IBlobStore inner) : IBlobStore
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _failed = [];

    /// <summary>Gets how many reads fail.</summary>
    public required int Failures { get; init; }

    /// <summary>Gets or sets what a read that fails throws.</summary>
    public Func<Exception> Failure { get; init; } = () => new IOException("The store is out of reach.");

    /// <summary>Gets when each read failed.</summary>
    public IReadOnlyList<TimeSpan> Failed => _failed;

    public Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_failed.Count < Failures)
            {
                _failed.Add(Stopwatch.GetElapsedTime(0));
                throw Failure();
            }
        }

        return inner.TryReadAsync(path, cancellationToken);
    }

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) =>
        inner.OpenReadAsync(path, offset, length, cancellationToken);

    public Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        inner.TryCreateAsync(path, write, cancellationToken);

    public Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default) =>
        inner.TryReplaceAsync(path, content, ifMatch, cancellationToken);

    public Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        inner.PutAsync(path, write, cancellationToken);

    public Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        inner.AppendAsync(path, content, cancellationToken);

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) => inner.ExistsAsync(path, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string prefix, string? after, CancellationToken cancellationToken = default) => inner.ListAsync(prefix, after, cancellationToken);

    public IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListFoldersAsync(prefix, cancellationToken);

    public IAsyncEnumerable<BlobEntry> ListEntriesAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListEntriesAsync(prefix, cancellationToken);

    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default) => inner.ReadClockAsync(cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken = default) => inner.DeleteAsync(path, cancellationToken);
}
