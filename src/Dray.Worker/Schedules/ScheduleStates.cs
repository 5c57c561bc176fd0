using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>Reads and changes where a schedule is.</summary>
internal sealed class ScheduleStates(IBlobStore store)
{
    /// <summary>Where a schedule is, or null where no worker has seen it.</summary>
    public async Task<ScheduleState?> TryReadAsync(string schedule, CancellationToken cancellationToken)
    {
        var path = SchedulePaths.State(schedule);
        return await store.TryReadAsync(path, cancellationToken) is { } content ? ScheduleJson.Read<ScheduleState>(content.Bytes.Span, path) : null;
    }

    /// <summary>Where a schedule is; one that no worker has seen begins at <paramref name="now"/>, so that it has missed nothing.</summary>
    public async Task<ScheduleState> OpenAsync(string schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await TryReadAsync(schedule, cancellationToken) is { } state) return state;
        await store.TryCreateAsync(SchedulePaths.State(schedule), ScheduleJson.Write(new ScheduleState { FiredAt = now }), cancellationToken);
        return await TryReadAsync(schedule, cancellationToken) ?? throw Gone(schedule);
    }

    /// <summary>Changes where a schedule is.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="change">Gives the new state, or null where there is nothing to change; it may be asked again.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The state that holds now, and whether this call changed it.</returns>
    public async Task<(ScheduleState State, bool IsChanged)> ChangeAsync(
        string schedule, Func<ScheduleState, ScheduleState?> change, CancellationToken cancellationToken)
    {
        var path = SchedulePaths.State(schedule);
        while (true)
        {
            var content = await store.TryReadAsync(path, cancellationToken) ?? throw Gone(schedule);
            var state = ScheduleJson.Read<ScheduleState>(content.Bytes.Span, path);
            if (change(state) is not { } next) return (state, false);
            if (await store.TryReplaceAsync(path, ScheduleJson.Write(next), content.ETag, cancellationToken)) return (next, true);
        }
    }

    private static FileNotFoundException Gone(string schedule) =>
        new($"The state of the schedule '{schedule}' was in the store but is gone; leave the store's schedules/ folder alone.");
}
