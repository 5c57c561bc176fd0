using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dray.Worker.Health;

/// <summary>
/// Liveness and readiness. Live: the engine's loop moves. Ready: a model is loaded, the broker is connected (MassTransit's own check), the
/// store can be written, and the worker isn't draining.
/// </summary>
internal static class DrayHealth
{
    /// <summary>The tag of checks that decide whether the process must be restarted.</summary>
    public const string Live = "live";

    /// <summary>The tag of checks that decide whether the worker should get work; MassTransit's has it too.</summary>
    public const string Ready = "ready";

    /// <summary>Where the endpoints are.</summary>
    public const string LivePath = "/health/live";

    /// <inheritdoc cref="LivePath"/>
    public const string ReadyPath = "/health/ready";

    private static readonly TimeSpan PublishPeriod = TimeSpan.FromSeconds(15);

    /// <summary>Adds the checks. The store counts as ready once a <see cref="StoreProbe"/> is registered and succeeds.</summary>
    public static IServiceCollection AddDrayHealth(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<DrainState>();
        services.TryAddSingleton<EngineLiveCheck>();
        services.TryAddSingleton<StoreCheck>();
        services.AddSingleton<IHealthCheckPublisher, HealthPublisher>();
        services.Configure<HealthCheckPublisherOptions>(options => options.Period = PublishPeriod);
        services.AddHealthChecks()
            .AddCheck<EngineLiveCheck>("engine", HealthStatus.Unhealthy, [Live])
            .AddCheck<ModelCheck>("model", HealthStatus.Unhealthy, [Ready])
            .AddCheck<StoreCheck>("store", HealthStatus.Unhealthy, [Ready])
            .AddCheck<DrainCheck>("drain", HealthStatus.Unhealthy, [Ready]);
        return services;
    }

    /// <summary>Maps the endpoints: 200 where all is well, 503 otherwise.</summary>
    public static void MapDrayHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks(LivePath, Options(Live));
        endpoints.MapHealthChecks(ReadyPath, Options(Ready));
    }

    private static HealthCheckOptions Options(string tag) => new()
    {
        Predicate = check => check.Tags.Contains(tag),
        ResponseWriter = HealthReportWriter.WriteAsync,
        ResultStatusCodes = { [HealthStatus.Degraded] = 503 },
    };
}
