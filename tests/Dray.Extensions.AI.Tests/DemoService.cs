using Dray.Inference;
using Dray.Tests.Services;
using Dray.Worker;
using Dray.Worker.Hosting;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Extensions.AI.Tests;

/// <summary>A broker, a store, and a worker with the demo model, for the tests of a class; they are skipped where RabbitMQ isn't installed.</summary>
public sealed class DemoService : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stopping = new();
    private RabbitMqNode? _node;
    private Task _worker = Task.CompletedTask;

    public string Broker
    {
        get
        {
            RequiredServices.Demand(_node is not null, "broker");
            return _node!.Uri.OriginalString;
        }
    }

    public string Store => _folder["store"];

    /// <summary>Gets the engine that the worker computes with.</summary>
    public IInferenceEngine Engine { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (!RabbitMqNode.IsInstalled) return;
        _node = await RabbitMqNode.StartAsync();
        Engine = EngineChatClient.Load(Demo.Model, new EngineChatClientOptions { Device = "cpu" }).GetService(typeof(IInferenceEngine)) as IInferenceEngine
            ?? throw new InvalidOperationException("The client gave no engine.");
        var options = new WorkerHostOptions
        {
            Broker = BrokerOptions.Parse(Broker),
            Store = BlobStoreLocation.Parse(Store),
            Worker = new WorkerOptions { DrainTimeout = TimeSpan.Zero },
            Port = 0,
        };
        _worker = new WorkerHost(options, (_, _) => Task.FromResult(Engine)).RunAsync(_stopping.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _worker;
        if (_node is { } node) await node.DisposeAsync();
        _stopping.Dispose();
        _folder.Dispose();
    }
}
