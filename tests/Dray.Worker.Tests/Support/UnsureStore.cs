using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Support;

/// <summary>A store whose conditional writes take effect, and now and then say that they didn't: as one does whose reply was lost.</summary>
internal sealed class UnsureStore(IBlobStore inner, Func<int, bool> denies) : StoreDecorator(inner)
{
    private int _writes;

    public int Denials { get; private set; }

    public override async Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        Admit(await base.TryCreateAsync(path, write, cancellationToken));

    public override async Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default) =>
        Admit(await base.TryReplaceAsync(path, content, ifMatch, cancellationToken));

    public override async Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        await base.AppendAsync(path, content, cancellationToken);
        if (!Admit(true)) await base.AppendAsync(path, content, cancellationToken);
    }

    private bool Admit(bool done)
    {
        if (!done || !denies(Interlocked.Increment(ref _writes))) return done;
        Denials++;
        return false;
    }
}
