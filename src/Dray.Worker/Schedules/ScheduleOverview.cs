using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>Shows where schedules are, and fires one: all that needs the store only.</summary>
public sealed class ScheduleOverview : IAsyncDisposable
{
    private readonly IBlobStore _store;
    private readonly ScheduleStates _states;
    private readonly TimeProvider _time;

    /// <summary>Initializes an overview.</summary>
    /// <param name="store">The store, which the overview owns.</param>
    /// <param name="time">The clock.</param>
    internal ScheduleOverview(IBlobStore store, TimeProvider time) => (_store, _states, _time) = (store, new ScheduleStates(store), time);

    /// <summary>Opens a store.</summary>
    /// <exception cref="IOException">It can't be opened.</exception>
    public static async Task<ScheduleOverview> OpenAsync(BlobStoreLocation store, TimeProvider time, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new ScheduleOverview(await store.OpenAsync(cancellationToken), time);
    }

    /// <summary>Where a schedule is.</summary>
    /// <exception cref="IOException">The store doesn't answer.</exception>
    public async Task<ScheduleStatus> ReadAsync(ScheduleOptions schedule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var status = new ScheduleStatus { Name = schedule.Name, Next = schedule.Times.Next(_time.GetUtcNow()) };
        if (await _states.TryReadAsync(schedule.Name, cancellationToken) is not { } state) return status;
        int captioned = 0, toRetry = 0, givenUp = 0;
        if (state.Ledger is { } ledger)
        {
            await foreach (var entry in _store.ReadLinesAsync<LedgerEntry>(ledger, cancellationToken))
            {
                if (entry.Failures == 0) captioned++;
                else if (entry.Failures <= schedule.Retries) toRetry++;
                else givenUp++;
            }
        }

        return status with
        {
            Firing = state.Firing?.Id,
            LastDue = state.Last?.Due,
            LastEndedAt = state.Last?.EndedAt,
            Captioned = state.Last?.Counts.Captioned ?? 0,
            Failed = state.Last?.Counts.Failed ?? 0,
            GivenUp = state.Last?.Counts.GivenUp ?? 0,
            TotalCaptioned = captioned,
            TotalToRetry = toRetry,
            TotalGivenUp = givenUp,
        };
    }

    /// <summary>Fires a schedule now; workers go on with it.</summary>
    /// <returns>The firing's name, or null where one goes on already.</returns>
    /// <exception cref="IOException">The store doesn't answer.</exception>
    public async Task<string?> FireAsync(ScheduleOptions schedule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var now = _time.GetUtcNow();
        await _states.OpenAsync(schedule.Name, now, cancellationToken);
        var firing = Firing.At(now, isManual: true);
        var (_, isChanged) = await _states.ChangeAsync(
            schedule.Name, current => current.Firing is null ? current with { Firing = firing } : null, cancellationToken);
        return isChanged ? firing.Id : null;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        (_store as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }
}
