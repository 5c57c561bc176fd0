using System.Diagnostics.Metrics;
using Dray.Worker.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dray.Worker.Health;

/// <summary>
/// Keeps what the checks found last, as a gauge for alerts: 1 where a check is well, 0 where it isn't, and <c>live</c> and <c>ready</c> for
/// the two answers that they decide.
/// </summary>
internal sealed class HealthPublisher : IHealthCheckPublisher, IDisposable
{
    private readonly Meter _meter = new(DrayTelemetry.Name);
    private volatile HealthReport? _last;

    public HealthPublisher() => _meter.CreateObservableGauge(
        DrayTelemetry.Health, Read, unit: null, "Whether a check is well (1) or not (0); live and ready are the endpoints' answers.");

    /// <inheritdoc/>
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        _last = report;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> Read()
    {
        if (_last is not { } report) return [];
        return report.Entries.Select(check => Measure(HealthReportWriter.NameOf(check.Key, check.Value), [check.Value]))
            .Append(Measure(DrayHealth.Live, Tagged(report, DrayHealth.Live)))
            .Append(Measure(DrayHealth.Ready, Tagged(report, DrayHealth.Ready)));
    }

    private static IEnumerable<HealthReportEntry> Tagged(HealthReport report, string tag) =>
        report.Entries.Values.Where(check => check.Tags.Contains(tag));

    private static Measurement<int> Measure(string name, IEnumerable<HealthReportEntry> checks) => new(
        checks.All(check => check.Status == HealthStatus.Healthy) ? 1 : 0, new KeyValuePair<string, object?>(DrayTelemetry.Check, name));
}
