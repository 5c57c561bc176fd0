using System.Collections.Concurrent;
using Dray.Worker.Embedded;

namespace Dray.Worker.Tests.Support;

/// <summary>Keeps every report.</summary>
internal sealed class ProgressRecorder : IProgress<EmbeddedBatchProgress>
{
    public ConcurrentQueue<EmbeddedBatchProgress> Reports { get; } = new();

    public void Report(EmbeddedBatchProgress value) => Reports.Enqueue(value);
}
