using System.Collections.Concurrent;

namespace Dray.Worker.Tests.Support;

/// <summary>Rows that the engine holds until the test lets them go.</summary>
internal sealed class HeldRows
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Row> _rows = new();
    private readonly TaskCompletionSource _anyStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _holdsNone;

    /// <summary>An engine that holds every row.</summary>
    public EngineFake Engine() => new() { Before = HoldAsync };

    /// <summary>Waits until the engine has the row.</summary>
    public Task StartedAsync(string prompt, CancellationToken cancellationToken) =>
        RowOf(prompt).Started.Task.WaitAsync(Patience, cancellationToken);

    /// <summary>Waits until the engine has one row, whichever comes first.</summary>
    public Task AnyStartedAsync(CancellationToken cancellationToken) => _anyStarted.Task.WaitAsync(Patience, cancellationToken);

    /// <summary>Lets a row go.</summary>
    public void Release(string prompt) => RowOf(prompt).Released.TrySetResult();

    /// <summary>Lets all rows go, those that come later too.</summary>
    public void ReleaseAll()
    {
        _holdsNone = true;
        foreach (var row in _rows.Values) row.Released.TrySetResult();
    }

    /// <summary>Holds a row, as an <see cref="EngineFake.Before"/>.</summary>
    public async Task HoldAsync(string prompt, CancellationToken cancellationToken)
    {
        var row = RowOf(prompt);
        row.Started.TrySetResult();
        _anyStarted.TrySetResult();
        if (!_holdsNone) await row.Released.Task.WaitAsync(cancellationToken);
    }

    private Row RowOf(string prompt) => _rows.GetOrAdd(prompt, _ => new Row());

    private sealed record Row
    {
        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
