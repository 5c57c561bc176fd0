using Dray.Contracts;
using Dray.Worker.Client;

namespace Dray.Worker.Page;

/// <summary>How fast a batch runs, on average since it began, and when it will be done at that.</summary>
/// <param name="TokensPerSecond">The tokens generated per second, or null where it has generated none.</param>
/// <param name="Left">How long it will still take, or null where it doesn't run.</param>
/// <param name="Taken">How long it has run, or null where it hasn't begun.</param>
public readonly record struct BatchPace(double? TokensPerSecond, TimeSpan? Left, TimeSpan? Taken)
{
    /// <summary>The pace of a batch.</summary>
    public static BatchPace Of(BatchSnapshot snapshot, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var batch = snapshot.Batch;
        if (batch.InProgressAt is not { } began) return default;
        var end = batch.CompletedAt ?? batch.CancelledAt ?? batch.ExpiredAt ?? batch.FailedAt ?? now.ToUnixTimeSeconds();
        var seconds = Math.Max(1, end - began);
        double? rate = batch.Usage.OutputTokens > 0 ? (double)batch.Usage.OutputTokens / seconds : null;
        TimeSpan? left = batch.Status == BatchStatus.InProgress && snapshot.Done > 0
            ? TimeSpan.FromSeconds((double)seconds / snapshot.Done * (batch.RequestCounts.Total - snapshot.Done))
            : null;
        return new BatchPace(rate, left, TimeSpan.FromSeconds(end - began));
    }
}
