using Dray.Worker.Hosting;
using Dray.Worker.Storage;
using Dray.Worker.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Tests.Support;

/// <summary>A worker on a real broker, with an engine that says the prompt back. Several may share a broker and a store.</summary>
internal sealed class BrokerWorker : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _isStopped;

    private BrokerWorker(IHost host, EngineFake engine) => (_host, Engine) = (host, engine);

    public EngineFake Engine { get; }

    public IServiceProvider Services => _host.Services;

    public static async Task<BrokerWorker> StartAsync(
        BrokerOptions broker, IBlobStore store, CancellationToken cancellationToken, Action<WorkerOptions>? configure = null, EngineFake? engine = null)
    {
        var options = new WorkerOptions { ChunkRows = 2, DrainTimeout = TimeSpan.Zero };
        configure?.Invoke(options);
        await (await BrokerClient.ConnectAsync(broker, cancellationToken)).DisposeAsync();
        engine ??= new EngineFake();
        var settings = WorkerSettings.From(options).Within(broker.ConsumerTimeout);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        if (Environment.GetEnvironmentVariable("DRAY_TEST_LOGS") == "1") builder.Logging.AddSimpleConsole();
        builder.Services.AddDrayWorker(settings, engine, store, images: null, bus => RabbitMqTransport.Use(bus, broker, settings));
        var worker = new BrokerWorker(builder.Build(), engine);
        await worker._host.StartAsync(cancellationToken);
        return worker;
    }

    /// <summary>Stops as a service does on SIGTERM.</summary>
    public async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        await _host.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
