namespace Dray.Worker.Schedules;

/// <summary>Where a schedule is, for people.</summary>
public sealed record ScheduleStatus
{
    /// <summary>Gets the schedule's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets when it fires next, or null for never.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>Gets the firing that goes on, or null.</summary>
    public string? Firing { get; init; }

    /// <summary>Gets the fire time of the last firing that ended, or null for none.</summary>
    public DateTimeOffset? LastDue { get; init; }

    /// <summary>Gets when that firing ended.</summary>
    public DateTimeOffset? LastEndedAt { get; init; }

    /// <summary>Gets the pictures that it captioned.</summary>
    public int Captioned { get; init; }

    /// <summary>Gets the pictures that failed at it.</summary>
    public int Failed { get; init; }

    /// <summary>Gets the pictures that failed at it for the last time.</summary>
    public int GivenUp { get; init; }

    /// <summary>Gets all pictures that have their caption.</summary>
    public int TotalCaptioned { get; init; }

    /// <summary>Gets all pictures that are tried again at the next firing.</summary>
    public int TotalToRetry { get; init; }

    /// <summary>Gets all pictures that are left alone until they change.</summary>
    public int TotalGivenUp { get; init; }
}
