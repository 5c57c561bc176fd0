using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Polly;

namespace Dray.Worker.Events;

/// <summary>Puts the delivery of events together.</summary>
internal static class EventServices
{
    /// <summary>Adds the publisher, its pipelines with their telemetry, and the webhook where one is set.</summary>
    public static IServiceCollection AddEventDelivery(this IServiceCollection services, WorkerSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddScoped<CompletionPublisher>();
        if (settings.Webhook is { } webhook) services.AddSingleton(webhook).AddSingleton<WebhookSender>();
        var chaos = ChaosSettings.Parse(Environment.GetEnvironmentVariable(ChaosSettings.Variable));
        foreach (var pipeline in (string[])[EventDelivery.Pipeline, EventDelivery.WebhookPipeline])
        {
            services.AddResiliencePipeline(pipeline, (builder, context) =>
            {
                if (chaos is not null)
                {
                    context.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(EventDelivery)).LogWarning(
                        "{Variable} is set: {Pipeline} fails on purpose, {Settings}. Unset it in production.", ChaosSettings.Variable, pipeline, chaos);
                }

                EventDelivery.Configure(builder, context.ServiceProvider.GetRequiredService<TimeProvider>(), chaos);
            });
        }

        return services;
    }
}
