using System.Globalization;

namespace Dray.Worker.Schedules;

/// <summary>The layout of the store's <c>schedules/</c> folder.</summary>
internal static class SchedulePaths
{
    /// <summary>Where a schedule is; changed only under If-Match.</summary>
    public static string State(string schedule) => $"schedules/{schedule}/state.json";

    /// <summary>What a firing is: the pictures that it captions; created once.</summary>
    public static string Plan(string schedule, Firing firing) => Folder(schedule, firing) + "plan.jsonl";

    /// <summary>Every picture that was dealt with up to a firing; created once.</summary>
    public static string Ledger(string schedule, Firing firing) => Folder(schedule, firing) + "ledger.jsonl";

    /// <summary>The batch of a firing.</summary>
    public static string BatchId(string schedule, Firing firing) => $"schedule-{schedule}-{Name(firing)}";

    private static string Folder(string schedule, Firing firing) => $"schedules/{schedule}/firings/{Name(firing)}/";

    private static string Name(Firing firing) => string.Create(CultureInfo.InvariantCulture, $"{firing.Id}-{firing.Part}");
}
