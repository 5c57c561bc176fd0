using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Client;

/// <summary>A store whose line goes dead after so many writes.</summary>
internal sealed class InterruptedStore(IBlobStore store, int writes) : StoreDecorator(store)
{
    private int _left = writes;

    public override Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default) =>
        Interlocked.Decrement(ref _left) < 0 ? throw new IOException("The line is dead.") : base.TryCreateAsync(path, write, cancellationToken);
}
