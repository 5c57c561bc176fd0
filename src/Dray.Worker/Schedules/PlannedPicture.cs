using System.Text.Json.Serialization;

namespace Dray.Worker.Schedules;

/// <summary>A line of <c>plan.jsonl</c>: a picture that a firing captions, as it was when it was read.</summary>
internal sealed record PlannedPicture
{
    /// <summary>Gets the path below the source.</summary>
    public required string Path { get; init; }

    /// <summary>Gets the version in the source's listing.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the hash of the content that was read, lower-case hex; null where it couldn't be read.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Gets how often this version failed at earlier firings.</summary>
    public int Failures { get; init; }

    /// <summary>Gets its pages; one for a plain picture, none where it couldn't be read.</summary>
    public IReadOnlyList<PlannedPage> Pages { get => field ?? []; init; }

    /// <summary>Gets what it adds to a part of a firing: its rows, and one for itself where it has none.</summary>
    [JsonIgnore]
    public int Weight => Math.Max(1, Pages.Count);

    /// <summary>Gets why it couldn't be read, or null.</summary>
    public CaptionError? Error { get; init; }
}
