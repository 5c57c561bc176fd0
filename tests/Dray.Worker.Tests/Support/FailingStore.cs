using System.Diagnostics;
using Dray.Worker.Storage;

namespace Dray.Worker.Tests.Support;

/// <summary>A store whose first reads of documents fail, as one does that is out of reach for a while.</summary>
internal sealed class FailingStore(IBlobStore inner) : StoreDecorator(inner)
{
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _failed = [];

    /// <summary>Gets how many reads fail.</summary>
    public required int Failures { get; init; }

    /// <summary>Gets or sets what a read that fails throws.</summary>
    public Func<Exception> Failure { get; init; } = () => new IOException("The store is out of reach.");

    /// <summary>Gets when each read failed.</summary>
    public IReadOnlyList<TimeSpan> Failed => _failed;

    public override Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_failed.Count < Failures)
            {
                _failed.Add(Stopwatch.GetElapsedTime(0));
                throw Failure();
            }
        }

        return base.TryReadAsync(path, cancellationToken);
    }
}
