using System.Diagnostics.Metrics;
using Dray.Worker.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Transport;

/// <summary>
/// Looks now and then into every queue: how much waits is a metric, and messages that ended up in a queue for failures are worth a
/// warning as their number grows.
/// </summary>
internal sealed class QueueWatch : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);
    private readonly BrokerOptions _broker;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Meter _meter = new(DrayTelemetry.Name);
    private readonly Dictionary<string, long> _warned = [];
    private volatile IReadOnlyList<QueueDepth> _depths = [];

    /// <summary>Watches the queues of a broker.</summary>
    public QueueWatch(BrokerOptions broker, TimeProvider time, ILogger<QueueWatch> logger)
    {
        (_broker, _time, _logger) = (broker, time, logger);
        _meter.CreateObservableGauge("dray.queue.messages", Read, "{message}", "Messages that wait in a queue, as of the last half minute.");
    }

    /// <summary>Gets the messages that waited in the queues of work when they were last looked into.</summary>
    public long Waiting => _depths.Where(depth => !depth.IsFailure).Sum(depth => depth.Messages ?? 0);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        do
        {
            try
            {
                await using var client = await BrokerClient.ConnectAsync(_broker, stoppingToken);
                _depths = await client.ListAsync(stoppingToken);
                foreach (var depth in _depths.Where(depth => depth.IsFailure)) Warn(depth);
            }
            catch (BrokerException e)
            {
                // MassTransit says and counts that the broker is gone; here there is just nothing to see.
                _logger.LogDebug(e, "The queues can't be looked into now.");
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private void Warn(QueueDepth depth)
    {
        var messages = depth.Messages ?? 0;
        if (messages > _warned.GetValueOrDefault(depth.Queue))
        {
            _logger.LogWarning(
                "{Messages} messages are in {Queue}. 'dray queues' lists such queues; 'dray requeue {Queue}' tries the messages again.",
                messages, depth.Queue, depth.Queue);
        }

        _warned[depth.Queue] = messages;
    }

    private IEnumerable<Measurement<long>> Read() => _depths.Where(depth => depth.Messages is not null).Select(
        depth => new Measurement<long>(depth.Messages!.Value, new KeyValuePair<string, object?>(DrayTelemetry.Queue, depth.Queue)));
}
