using Dray.Worker.Http;
using Dray.Worker.Images;
using Dray.Worker.Storage;
using Dray.Worker.Telemetry;
using Dray.Worker.Transport;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Tests.Support;

/// <summary>A worker on an in-memory bus with its HTTP endpoints on a free port of this machine.</summary>
internal sealed class WebWorker : IAsyncDisposable
{
    private readonly WebApplication _application;

    private WebWorker(WebApplication application, TemporaryFolder folder, FileSystemBlobStore store, EngineFake engine, EventRecorder events)
    {
        (_application, Folder, Store, Engine, Events) = (application, folder, store, engine, events);
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
    }

    public TemporaryFolder Folder { get; }

    public FileSystemBlobStore Store { get; }

    public EngineFake Engine { get; }

    public EventRecorder Events { get; }

    public HttpClient Client { get; }

    public IBus Bus => Services.GetRequiredService<IBus>();

    public IServiceProvider Services => _application.Services;

    public static async Task<WebWorker> StartAsync(
        CancellationToken cancellationToken, Action<IServiceCollection>? configure = null, Func<WorkerSettings, WorkerSettings>? adjust = null,
        HttpApiOptions? http = null, Action<WebApplication>? use = null)
    {
        var folder = new TemporaryFolder();
        var store = new FileSystemBlobStore(folder["store"]);
        var engine = new EngineFake();
        var events = new EventRecorder();
        var settings = WorkerSettings.From(new WorkerOptions { ChunkRows = 2 }) with { MessageRetryDelays = [TimeSpan.FromMilliseconds(1)] };
        if (adjust is not null) settings = adjust(settings);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(events).AddDrayTelemetry();
        builder.Services.AddDrayWorker(settings, engine, store, http is null ? new ImageFolder(folder.Path) : null, bus =>
        {
            bus.AddConsumer<EventRecorder.Listener>().Endpoint(endpoint => endpoint.Name = "test-events");
            InMemoryTransport.Use(bus, settings);
        });
        if (http is not null) builder.Services.AddDrayHttp(http, store);
        configure?.Invoke(builder.Services);
        var application = builder.Build();
        use?.Invoke(application);
        application.MapDrayEndpoints();
        if (http is not null) application.MapDrayHttp();
        await application.StartAsync(cancellationToken);
        return new WebWorker(application, folder, store, engine, events);
    }

    /// <summary>Runs a batch with these rows to its end.</summary>
    public async Task RunBatchAsync(string batchId, string rows, CancellationToken cancellationToken)
    {
        await Store.PutAsync(
            BatchPaths.Input(batchId),
            async (stream, token) => await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(rows), token),
            cancellationToken);
        await Bus.Publish(new Contracts.SubmitBatch { BatchId = batchId }, cancellationToken);
        await Events.NextAsync<Contracts.BatchCompleted>(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        Folder.Dispose();
    }
}
