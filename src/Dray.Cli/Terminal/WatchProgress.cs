using System.Diagnostics;
using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Embedded;

namespace Dray.Cli.Terminal;

/// <summary>Shows how far a batch is that runs elsewhere; speed and time left are those since the watching began.</summary>
internal sealed class WatchProgress(TextWriter error) : IAsyncDisposable
{
    private readonly RunProgress _progress = RunProgress.Start(error, "Waiting for a worker");
    private readonly long _start = Stopwatch.GetTimestamp();
    private BatchSnapshot? _first;
    private BatchSnapshot? _last;

    public void Report(BatchSnapshot snapshot)
    {
        if (_last?.Batch.Status != snapshot.Batch.Status && Describe(snapshot) is { } text) _progress.Note(text);
        var (counts, usage) = (snapshot.Batch.RequestCounts, snapshot.Batch.Usage);
        if (counts.Total > 0 && counts != _last?.Batch.RequestCounts)
        {
            _first ??= snapshot;
            var earlier = _first.Batch.Usage;
            _progress.Report(new EmbeddedBatchProgress(
                counts.Total, counts.Completed, counts.Failed, _first.Done, usage.InputTokens - earlier.InputTokens,
                usage.OutputTokens - earlier.OutputTokens, Stopwatch.GetElapsedTime(_start)));
        }

        _last = snapshot;
    }

    public ValueTask DisposeAsync() => _progress.DisposeAsync();

    private static string? Describe(BatchSnapshot snapshot) => snapshot.Batch.Status switch
    {
        BatchStatus.Validating when !snapshot.IsUploaded => "The upload isn't complete; submit the same again to go on.",
        BatchStatus.Validating when !snapshot.IsSeen => "Waiting for a worker.",
        BatchStatus.Paused => $"The batch is paused; 'dray resume {snapshot.Batch.Id}' goes on.",
        BatchStatus.Cancelling => "The batch is being cancelled.",
        BatchStatus.Finalizing => "The output is being put together.",
        _ => null,
    };
}
