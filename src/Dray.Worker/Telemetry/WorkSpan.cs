using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Dray.Worker.Telemetry;

/// <summary>A piece of a batch's work as a span, with its duration where that is measured. Without a call of <see cref="Succeed"/> it failed.</summary>
internal sealed class WorkSpan : IDisposable
{
    private readonly Activity? _activity;
    private readonly Histogram<double>? _duration;
    private readonly long _start = Stopwatch.GetTimestamp();
    private bool _succeeded;

    private WorkSpan(string name, string batchId, Histogram<double>? duration)
    {
        _duration = duration;
        _activity = DrayTelemetry.Source.StartActivity(name);
        _activity?.SetTag("dray.batch.id", batchId);
    }

    /// <summary>Begins a chunk.</summary>
    public static WorkSpan StartChunk(string batchId, int chunk, int rows)
    {
        var span = new WorkSpan("run chunk", batchId, DrayTelemetry.ChunkDuration);
        span._activity?.SetTag("dray.chunk.index", chunk).SetTag("dray.chunk.rows", rows);
        return span;
    }

    /// <summary>Begins putting a batch's output together.</summary>
    public static WorkSpan StartCommit(string batchId) => new("commit batch", batchId, duration: null);

    /// <summary>Notes that the work is done, and gives its result back.</summary>
    public T Succeed<T>(T result)
    {
        _succeeded = true;
        return result;
    }

    /// <summary>Counts a commit; <paramref name="isFirst"/> is false where another worker's manifest was there.</summary>
    public static void CountCommit(bool isFirst) =>
        DrayTelemetry.Commits.Add(1, new KeyValuePair<string, object?>(DrayTelemetry.Outcome, isFirst ? "committed" : "conflict"));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_succeeded) _activity?.SetStatus(ActivityStatusCode.Error);
        _duration?.Record(
            Stopwatch.GetElapsedTime(_start).TotalSeconds,
            new KeyValuePair<string, object?>(DrayTelemetry.Outcome, _succeeded ? "completed" : "interrupted"));
        _activity?.Dispose();
    }
}
