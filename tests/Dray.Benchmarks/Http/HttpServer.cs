using Dray.Inference;
using Dray.Tests;
using Dray.Worker;
using Dray.Worker.Http;
using Dray.Worker.Storage;
using Dray.Worker.Telemetry;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dray.Benchmarks.Http;

/// <summary>The HTTP interface over an engine, on any free port of this machine.</summary>
internal sealed class HttpServer(WebApplication application, TemporaryFolder folder) : IAsyncDisposable
{
    public Uri Address { get; } = new(application.Urls.Single());

    public static async Task<HttpServer> StartAsync(IInferenceEngine engine, HttpApiOptions options)
    {
        var folder = new TemporaryFolder();
        var store = new FileSystemBlobStore(folder["store"]);
        var settings = WorkerSettings.From(new WorkerOptions());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDrayTelemetry().AddDrayWorker(settings, engine, store, images: null, bus => bus.UsingInMemory());
        builder.Services.AddDrayHttp(options, store);
        var application = builder.Build();
        application.MapDrayHttp();
        await application.StartAsync();
        return new HttpServer(application, folder);
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
        folder.Dispose();
    }
}
