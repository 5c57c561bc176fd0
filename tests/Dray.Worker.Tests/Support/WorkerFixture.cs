using Dray.Worker.Hosting;
using Dray.Worker.Embedded;
using Dray.Worker.Images;
using Dray.Worker.Storage;
using Dray.Worker.Transport;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Dray.Worker.Tests.Support;

/// <summary>A worker on an in-memory bus, and somebody who listens to its events.</summary>
internal sealed class WorkerFixture : IAsyncDisposable
{
    private readonly IHost _host;

    private WorkerFixture(IHost host, TemporaryFolder folder, FileSystemBlobStore store, EngineFake engine, FakeTimeProvider time, EventRecorder events) =>
        (_host, Folder, Store, Engine, Time, Events) = (host, folder, store, engine, time, events);

    public TemporaryFolder Folder { get; }

    public FileSystemBlobStore Store { get; }

    public EngineFake Engine { get; }

    public FakeTimeProvider Time { get; }

    public EventRecorder Events { get; }

    public IBus Bus => _host.Services.GetRequiredService<IBus>();

    public IServiceProvider Services => _host.Services;

    public static async Task<WorkerFixture> StartAsync(CancellationToken cancellationToken, Action<WorkerOptions>? configure = null, bool readsFolder = true)
    {
        var folder = new TemporaryFolder();
        var store = new FileSystemBlobStore(folder["store"]);
        var engine = new EngineFake();
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        var events = new EventRecorder();
        var options = new WorkerOptions { ChunkRows = 2 };
        configure?.Invoke(options);
        var settings = WorkerSettings.From(options) with { MessageRetryDelays = [] };
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<TimeProvider>(time).AddSingleton(events).AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.Services.AddDrayWorker(settings, engine, store, readsFolder ? new ImageFolder(folder.Path) : null, bus =>
        {
            bus.AddConsumer<EventRecorder.Listener>().Endpoint(endpoint => endpoint.Name = "test-events");
            InMemoryTransport.Use(bus, settings);
        });
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new WorkerFixture(host, folder, store, engine, time, events);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        Folder.Dispose();
    }
}
