namespace Dray.Worker.Schedules;

/// <summary>What a part of a firing came to.</summary>
/// <param name="Counts">Its pictures.</param>
/// <param name="Failures">The captions of pictures that failed.</param>
/// <param name="Ledger">The path of the ledger that holds after it, or null for none.</param>
/// <param name="HasMore">Whether there may be more pictures than one batch should have.</param>
internal sealed record FiringOutcome(FiringCounts Counts, IReadOnlyList<PictureCaption> Failures, string? Ledger, bool HasMore);
