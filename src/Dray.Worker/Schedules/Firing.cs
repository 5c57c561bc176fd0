using System.Globalization;

namespace Dray.Worker.Schedules;

/// <summary>One firing of a schedule.</summary>
internal sealed record Firing
{
    /// <summary>Gets the fire time as a name, the same on every worker.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the fire time.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>Gets which part of it, from 1: a firing with more pictures than a batch should have goes on in another.</summary>
    public int Part { get; init; } = 1;

    /// <summary>Gets whether somebody asked for it.</summary>
    public bool IsManual { get; init; }

    /// <summary>Gets what its earlier parts came to.</summary>
    public FiringCounts Counts { get; init; }

    /// <summary>Gets the worker that is at it, or null for none.</summary>
    public string? Holder { get; init; }

    /// <summary>
    /// Gets when others may take it that the holder is dead. It spares work only: two workers at one firing do the same.
    /// </summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>The firing at a fire time.</summary>
    public static Firing At(DateTimeOffset due, bool isManual = false) => new()
    {
        Id = due.ToUniversalTime().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture) + (isManual ? "-manual" : ""),
        Due = due,
        IsManual = isManual,
    };

    /// <summary>Whether both are the same part of the same firing.</summary>
    public bool IsSame(Firing? other) => other is not null && other.Id == Id && other.Part == Part;
}
