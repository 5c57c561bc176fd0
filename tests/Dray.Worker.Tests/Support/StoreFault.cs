using System.Runtime.CompilerServices;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Support;

/// <summary>A store that dies at its n-th write, before or after it took effect, and answers nothing from then on: as a killed process would.</summary>
internal sealed class StoreFault(IBlobStore inner, int fatalWrite, bool afterwards) : IBlobStore
{
    private int _writes;
    private volatile bool _dead;

    public int Writes => _writes;

    public bool IsDead => _dead;

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) =>
        Alive().OpenReadAsync(path, offset, length, cancellationToken);

    public Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default) => Alive().TryReadAsync(path, cancellationToken);

    public Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) => Alive().ExistsAsync(path, cancellationToken);

    public async IAsyncEnumerable<string> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var path in Alive().ListAsync(prefix, after, cancellationToken)) yield return path;
    }

    public async IAsyncEnumerable<string> ListFoldersAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var name in Alive().ListFoldersAsync(prefix, cancellationToken)) yield return name;
    }

    public async IAsyncEnumerable<BlobEntry> ListEntriesAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var entry in Alive().ListEntriesAsync(prefix, cancellationToken)) yield return entry;
    }

    public Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        WriteAsync(() => inner.TryCreateAsync(path, write, cancellationToken));

    public Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default) =>
        WriteAsync(() => inner.TryReplaceAsync(path, content, ifMatch, cancellationToken));

    public Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        WriteAsync(async () =>
        {
            await inner.PutAsync(path, write, cancellationToken);
            return true;
        });

    public Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        WriteAsync(
            async () =>
            {
                await inner.AppendAsync(path, content, cancellationToken);
                return true;
            },
            torn: () => inner.AppendAsync(path, content[..(content.Length / 2)], cancellationToken));

    public Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default) => Alive().ReadClockAsync(cancellationToken);

    public Task DeleteAsync(string path, CancellationToken cancellationToken = default) =>
        WriteAsync(async () =>
        {
            await inner.DeleteAsync(path, cancellationToken);
            return true;
        });

    private async Task<bool> WriteAsync(Func<Task<bool>> write, Func<Task>? torn = null)
    {
        Alive();
        var isFatal = Interlocked.Increment(ref _writes) == fatalWrite;
        if (isFatal && !afterwards)
        {
            _dead = true;
            if (torn is not null) await torn();
            Alive();
        }

        var done = await write();
        if (!isFatal) return done;
        _dead = true;
        Alive();
        return done;
    }

    private IBlobStore Alive() => _dead ? throw new IOException("The process is dead.") : inner;
}
