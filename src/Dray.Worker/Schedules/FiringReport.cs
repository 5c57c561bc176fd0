namespace Dray.Worker.Schedules;

/// <summary>A firing that has ended.</summary>
/// <param name="Id">Its fire time as a name.</param>
/// <param name="Due">Its fire time.</param>
/// <param name="EndedAt">When its captions were written.</param>
/// <param name="Counts">What it came to.</param>
internal sealed record FiringReport(string Id, DateTimeOffset Due, DateTimeOffset EndedAt, FiringCounts Counts);
