using Dray.Inference;
using Dray.Worker.Execution;
using Dray.Worker.Health;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Dray.Worker.Telemetry;

/// <summary>Metrics, traces, health and logs of a worker's process.</summary>
internal static class TelemetryServices
{
    /// <summary>The variable that, where it is set, says where OTLP goes; its siblings are read by the exporter itself.</summary>
    public const string OtlpVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Where Prometheus finds the metrics.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>Adds metrics, traces and health checks. Goes with <c>AddDrayWorker</c>, in either order.</summary>
    public static IServiceCollection AddDrayTelemetry(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RemainingRows>();
        services.AddSingleton<IBatchObserver>(provider => provider.GetRequiredService<RemainingRows>());
        services.TryAddSingleton<MessageObserver>();
        services.AddConsumeObserver(provider => provider.GetRequiredService<MessageObserver>());
        services.AddPublishObserver(provider => provider.GetRequiredService<MessageObserver>());
        services.AddDrayHealth();
        var exports = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(OtlpVariable));
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("dray-worker", serviceInstanceId: Environment.MachineName))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(DrayTelemetry.Name, DrayTelemetry.MassTransit, DrayTelemetry.Polly).AddRuntimeInstrumentation()
                    .AddInstrumentation(provider => new EngineInstruments(
                        provider.GetService<IInferenceEngine>(), provider.GetRequiredService<RemainingRows>()))
                    .AddPrometheusExporter();
                if (exports) metrics.AddOtlpExporter();
            })
            .WithTracing(traces =>
            {
                traces.AddSource(DrayTelemetry.Name, DrayTelemetry.MassTransit, DrayTelemetry.AzureSources);
                if (exports) traces.AddOtlpExporter();
            });
        return services;
    }

    /// <summary>Maps <c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>.</summary>
    public static void MapDrayEndpoints(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapDrayHealth();
        endpoints.MapPrometheusScrapingEndpoint(MetricsPath);
    }

    /// <summary>Logs to the console: one JSON object a line for machines, one line of text for people.</summary>
    public static ILoggingBuilder AddDrayLogging(this ILoggingBuilder logging, bool json) => json
        ? logging.AddJsonConsole(console =>
        {
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        })
        : logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
}
