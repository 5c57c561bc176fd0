namespace Dray.Worker.Schedules;

/// <summary><c>schedules/{name}/state.json</c>: where a schedule is. Changed only under If-Match.</summary>
internal sealed record ScheduleState
{
    /// <summary>Gets the last fire time that is dealt with; at first, when the schedule was first seen.</summary>
    public required DateTimeOffset FiredAt { get; init; }

    /// <summary>Gets the firing that goes on, or null.</summary>
    public Firing? Firing { get; init; }

    /// <summary>Gets the path of the ledger that holds now, or null before there is one.</summary>
    public string? Ledger { get; init; }

    /// <summary>Gets the last firing that has ended, or null.</summary>
    public FiringReport? Last { get; init; }
}
