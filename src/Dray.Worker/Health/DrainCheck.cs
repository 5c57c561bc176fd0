using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dray.Worker.Health;

/// <summary>A worker that drains isn't ready for more.</summary>
internal sealed class DrainCheck(DrainState state) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.IsDraining
            ? HealthCheckResult.Unhealthy("The worker is stopping and takes no new work.")
            : HealthCheckResult.Healthy("The worker takes work."));
}
