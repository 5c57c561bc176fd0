using Dray.Worker;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Dray.Worker.Transport;
using Microsoft.Extensions.Hosting;

namespace Dray.Cli.Tests.Deploy;

/// <summary>A worker on a real broker, with an engine that says the prompt back.</summary>
internal sealed class JobWorker : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TemporaryFolder _folder;

    private JobWorker(IHost host, TemporaryFolder folder) => (_host, _folder) = (host, folder);

    public static async Task<JobWorker> StartAsync(Uri uri, CancellationToken cancellationToken)
    {
        var broker = BrokerOptions.Parse(uri.OriginalString);
        await using (await BrokerClient.ConnectAsync(broker, cancellationToken))
        {
        }

        var folder = new TemporaryFolder();
        var settings = WorkerSettings.From(new WorkerOptions { DrainTimeout = TimeSpan.Zero }).Within(broker.ConsumerTimeout);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddDrayWorker(
            settings, new EngineFake(), new FileSystemBlobStore(folder["store"]), images: null, bus => RabbitMqTransport.Use(bus, broker, settings));
        var worker = new JobWorker(builder.Build(), folder);
        await worker._host.StartAsync(cancellationToken);
        return worker;
    }

    /// <summary>The answer at a path of the store.</summary>
    public Task<string> ReadAsync(string path, CancellationToken cancellationToken) => File.ReadAllTextAsync(_folder["store", path], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        _folder.Dispose();
    }
}
