using Dray.Inference;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dray.Worker.Health;

/// <summary>Whether a model is loaded.</summary>
internal sealed class ModelCheck(IServiceProvider services) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(services.GetService<IInferenceEngine>() is { Model: var model }
            ? HealthCheckResult.Healthy($"The model {model.Name} is loaded on {model.Backend}.")
            : HealthCheckResult.Unhealthy("No model is loaded yet."));
}
