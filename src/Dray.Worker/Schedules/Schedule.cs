using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>A schedule over the places that it reads from and writes to.</summary>
internal sealed class Schedule : IDisposable
{
    private readonly IBlobStore _store;

    /// <summary>Opens a schedule.</summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">Its places aren't of this store.</exception>
    public Schedule(ScheduleOptions options, IBlobStore store)
    {
        (Options, _store) = (options, store);
        Source = options.Source.OpenSource(store);
        (Target, TargetPrefix) = (options.Output ?? options.Source).OpenTarget(store);
    }

    /// <summary>Gets what the operator set.</summary>
    public ScheduleOptions Options { get; }

    /// <summary>Gets the name.</summary>
    public string Name => Options.Name;

    /// <summary>Gets where the pictures are.</summary>
    public IPictureSource Source { get; }

    /// <summary>Gets the store that captions are written to.</summary>
    public IBlobStore Target { get; }

    /// <summary>Gets what paths of captions begin with.</summary>
    public string TargetPrefix { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!ReferenceEquals(Target, _store)) (Target as IDisposable)?.Dispose();
    }
}
