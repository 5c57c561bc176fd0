using Dray.Worker.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Health;

/// <summary>Whether the store can be reached and written. Asked often, it looks every <see cref="Interval"/> only.</summary>
internal sealed class StoreCheck(IServiceProvider services, TimeProvider time, ILogger<StoreCheck> logger) : IHealthCheck, IDisposable
{
    /// <summary>How long an answer holds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>How long the store may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private (HealthCheckResult Result, long At)? _last;

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (services.GetService<StoreProbe>() is not { } probe) return HealthCheckResult.Unhealthy("No store is set up yet.");
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } last && time.GetElapsedTime(last.At) < Interval) return last.Result;
            var result = await LookAsync(probe, cancellationToken);
            _last = (result, time.GetTimestamp());
            return result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async Task<HealthCheckResult> LookAsync(StoreProbe probe, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await probe.ProbeAsync(linked.Token).WaitAsync(linked.Token);
            return HealthCheckResult.Healthy("The store can be written.");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The page is open to all; what the store's client says may name accounts, so it goes to the log.
            logger.LogWarning("The store can't be written: {Reason}", SecretText.Redact(e.Message));
            return HealthCheckResult.Unhealthy(patience.IsCancellationRequested
                ? $"The store didn't answer within {Patience.TotalSeconds:F0} s."
                : $"The store can't be written ({e.GetType().Name}); the log says why.");
        }
    }
}
