using Dray.Inference;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dray.Worker.Health;

/// <summary>
/// Whether the engine's loop moves. One that has nothing to do is alive; one that has work, and whose heartbeat stood still for
/// <see cref="WorkerSettings.LivenessTimeout"/>, hangs, and only a restart helps.
/// </summary>
internal sealed class EngineLiveCheck(IServiceProvider services, WorkerSettings settings, TimeProvider time) : IHealthCheck
{
    private readonly Lock _lock = new();
    private long _beat = -1;
    private long _movedAt = time.GetTimestamp();

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(services.GetService<IInferenceEngine>() is { } engine
            ? Look(engine.Statistics)
            : HealthCheckResult.Healthy("No model is loaded yet, so no engine can hang."));

    private HealthCheckResult Look(EngineStatistics now)
    {
        lock (_lock)
        {
            if (now.Heartbeat != _beat || !now.HasWork) (_beat, _movedAt) = (now.Heartbeat, time.GetTimestamp());
            if (!now.HasWork) return HealthCheckResult.Healthy("The engine has nothing to do.");
            var still = time.GetElapsedTime(_movedAt);
            var requests = $"{now.Running + now.Waiting} sequences";
            return still < settings.LivenessTimeout
                ? HealthCheckResult.Healthy($"The engine works on {requests}.")
                : HealthCheckResult.Unhealthy(
                    $"The engine has {requests} but has not moved for {still.TotalSeconds:F0} s, longer than liveness_timeout ({settings.LivenessTimeout.TotalSeconds:F0} s).");
        }
    }
}
