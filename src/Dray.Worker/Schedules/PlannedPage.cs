namespace Dray.Worker.Schedules;

/// <summary>A page of a picture: what the batch calls it, or why it couldn't be read.</summary>
/// <param name="Image">Its name among the batch's pictures, the hash of its content; null where it couldn't be read.</param>
/// <param name="Error">Why it couldn't be read, or null.</param>
internal sealed record PlannedPage(string? Image, CaptionError? Error = null);
