using System.Diagnostics;

namespace Dray.Worker.Telemetry;

/// <summary>
/// Which span submitted a batch. It travels in the baggage of what the submission sends, chunks among them, so that rows that run hours
/// later on another machine can point back at it.
/// </summary>
internal static class SubmissionLink
{
    private const string Baggage = "dray.submit";

    /// <summary>Notes the current span as the one that submits.</summary>
    public static void Mark()
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } current) current.SetBaggage(Baggage, id);
    }

    /// <summary>Links to the current span and to the submission that caused it.</summary>
    public static IEnumerable<ActivityLink> OfCurrent()
    {
        if (Activity.Current is not { } current) return [];
        var links = new List<ActivityLink> { new(current.Context) };
        if (ActivityContext.TryParse(current.GetBaggageItem(Baggage), null, isRemote: true, out var submission)) links.Add(new(submission));
        return links;
    }
}
