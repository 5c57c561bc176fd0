using Dray.Inference;
using Dray.Worker.Telemetry;
using Dray.Worker.Transport;
using Microsoft.Extensions.Hosting;

namespace Dray.Worker.Page;

/// <summary>Looks at the engine every two seconds, and keeps what it saw for ten minutes.</summary>
internal sealed class EngineSampler(IInferenceEngine engine, RemainingRows remaining, QueueWatch? queues, TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>How long there is between two samples.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>How many samples are kept.</summary>
    public const int Most = 300;

    private readonly Queue<EngineSample> _samples = new(Most);
    private readonly Lock _gate = new();
    private EngineStatistics _last = engine.Statistics;
    private long _lastAt = time.GetTimestamp();
    private ITimer? _timer;

    /// <summary>Gets whether samples count messages of a broker; otherwise rows that remain.</summary>
    public bool HasQueues => queues is not null;

    /// <summary>The samples, oldest first.</summary>
    public EngineSample[] Read()
    {
        lock (_gate) return [.. _samples];
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(
            _ =>
            {
                lock (_gate) Take();
            },
            null, Period, Period);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private void Take()
    {
        var (now, at) = (engine.Statistics, time.GetTimestamp());
        var seconds = time.GetElapsedTime(_lastAt, at).TotalSeconds;
        if (seconds <= 0) return;
        var sample = new EngineSample
        {
            GeneratedPerSecond = (now.CompletionTokens - _last.CompletionTokens) / seconds,
            PromptPerSecond = (now.PromptTokens - _last.PromptTokens) / seconds,
            KvUse = now.KvBlocks == 0 ? double.NaN : (double)now.KvBlocksUsed / now.KvBlocks,
            PrefillFill = now.MeanPrefillFill,
            Running = now.Running,
            Waiting = now.Waiting,
            Queued = queues?.Waiting ?? remaining.Count(),
        };
        (_last, _lastAt) = (now, at);
        if (_samples.Count == Most) _samples.Dequeue();
        _samples.Enqueue(sample);
    }
}
