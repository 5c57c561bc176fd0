using Dray.Inference;
using Dray.Worker.Health;
using Dray.Worker.Http;
using Dray.Worker.Schedules;
using Dray.Worker.Storage;
using Dray.Worker.Telemetry;
using Dray.Worker.Transport;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Hosting;

/// <summary>The service: works through the queues of a broker until it is told to stop, and serves health and metrics meanwhile.</summary>
/// <param name="options">Where work comes from.</param>
/// <param name="loadEngine">Loads the engine, once broker and store are known to be there; it is disposed of at the end.</param>
public sealed class WorkerHost(WorkerHostOptions options, Func<ILoggerFactory, CancellationToken, Task<IInferenceEngine>> loadEngine)
{
    private readonly WorkerSettings _settings = options.Broker is { } broker
        ? WorkerSettings.From(options.Worker).Within(broker.ConsumerTimeout)
        : WorkerSettings.From(options.Worker).Unhurried();

    /// <summary>
    /// Runs until <paramref name="stopping"/> is cancelled or the device is lost, and then until what runs has ended or its time is over.
    /// What isn't done goes back to its queue.
    /// </summary>
    /// <exception cref="BrokerException">The broker is out of reach at the start.</exception>
    /// <exception cref="IOException">The store is out of reach at the start, or the port is taken.</exception>
    /// <exception cref="DeviceLostException">The engine's device was lost.</exception>
    /// <exception cref="OperationCanceledException">It was told to stop before it had started.</exception>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var loggers = LoggerFactory.Create(ConfigureLogging);
        if (options.Broker is { } broker) await BrokerClient.DeclareAsync(broker, stopping);
        await options.Store.ProbeAsync(stopping);
        var store = await options.Store.OpenAsync(stopping);
        using var disposable = store as IDisposable;
        await using var engine = await loadEngine(loggers, stopping);
        await using var app = Build(engine, store);
        await app.StartAsync(stopping);
        app.Logger.LogInformation(
            "The worker serves {Model} on {Backend}: it takes work from {Broker}, keeps it in {Store}, and is at {Urls}.",
            engine.Model.Name, engine.Model.Backend, options.Broker?.Display ?? "HTTP", options.Store, string.Join(" ", app.Urls));
        if (options.Http is { ApiKeysFile: null } && app.Urls.Any(url => !new Uri(url).IsLoopback))
            app.Logger.LogWarning("No API keys are set, so whoever reaches this machine may ask; set api_keys_file, or serve on localhost only.");
        await Task.WhenAny(engine.DeviceLost, Task.Delay(Timeout.Infinite, stopping));
        app.Services.GetRequiredService<DrainState>().Begin();
        app.Logger.LogInformation("The worker stops: what runs has {Time} to end, the rest goes back to its queue.", _settings.DrainTimeout);
        await app.StopAsync(CancellationToken.None);
        app.Logger.LogInformation("The worker has stopped.");
        if (engine.DeviceLost.IsCompleted) throw await engine.DeviceLost;
    }

    private WebApplication Build(IInferenceEngine engine, IBlobStore store)
    {
        var builder = WebApplication.CreateSlimBuilder();
        ConfigureLogging(builder.Logging);

        // A name that stands for two addresses can't be given any free port: it would have to be free on both.
        var host = options is { Host: "localhost", Port: 0 } ? "127.0.0.1" : options.Host;
        builder.WebHost.UseUrls($"http://{host}:{options.Port}");
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.Services.AddSingleton(options.Time);
        builder.Services.AddSingleton(new StoreProbe(options.Store.ProbeAsync));
        builder.Services.AddDrayTelemetry();
        builder.Services.AddDrayWorker(_settings, engine, store, images: null, UseTransport);
        if (options.Broker is { } broker)
        {
            builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<QueueWatch>(provider, broker));
            builder.Services.AddHostedService(provider => provider.GetRequiredService<QueueWatch>());
        }

        builder.Services.AddDraySchedules(options.Schedules, store, _settings, messagesLast: options.Broker is not null);
        if (options.Http is { } http) builder.Services.AddDrayHttp(http, store);
        if (options is { Http: not null, Broker: null }) builder.Services.AddHostedService<BatchResumption>();
        var app = builder.Build();
        app.MapDrayEndpoints();
        if (options.Http is not null) app.MapDrayHttp();
        return app;
    }

    private void UseTransport(IBusRegistrationConfigurator bus)
    {
        if (options.Broker is { } broker) RabbitMqTransport.Use(bus, broker, _settings);
        else InMemoryTransport.Use(bus, _settings);
    }

    private void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddDrayLogging(options.LogsJson);
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // That its keys lie in the open is of no concern: the page's live in memory, as long as the process.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        logging.AddFilter("MassTransit", LogLevel.Warning);
        logging.AddFilter("Polly", LogLevel.Warning);
    }
}
