using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Transport;
using RabbitMQ.Client;

namespace Dray.Worker.Tests.Support;

/// <summary>A virtual host, a store, a client and a tap, for tests of workers on a real broker.</summary>
internal sealed class BrokerBench : IAsyncDisposable
{
    private readonly List<BrokerWorker> _workers = [];
    private readonly TemporaryFolder _folder = new();

    private BrokerBench(BrokerOptions broker) => (Broker, Store) = (broker, new FileSystemBlobStore(_folder["store"]));

    public BrokerOptions Broker { get; }

    public FileSystemBlobStore Store { get; }

    public string StoreFolder => _folder["store"];

    public EventTap Events { get; private set; } = null!;

    public BrokerClient Client { get; private set; } = null!;

    /// <summary>A bench on a virtual host of the shared broker, or on a broker of the test's own.</summary>
    public static async Task<BrokerBench> StartAsync(CancellationToken cancellationToken, BrokerOptions? broker = null)
    {
        var bench = new BrokerBench(broker ?? await BrokerNode.NewHostAsync(cancellationToken));
        bench.Client = await BrokerClient.ConnectAsync(bench.Broker, cancellationToken);
        bench.Events = await EventTap.StartAsync(bench.Broker, cancellationToken);
        return bench;
    }

    public async Task<BrokerWorker> StartWorkerAsync(
        CancellationToken cancellationToken, Action<WorkerOptions>? configure = null, EngineFake? engine = null, IBlobStore? store = null)
    {
        var worker = await BrokerWorker.StartAsync(Broker, store ?? Store, cancellationToken, configure, engine);
        _workers.Add(worker);
        return worker;
    }

    /// <summary>Uploads an input and tells the workers.</summary>
    public async Task SubmitAsync(SubmitBatch submit, string input, CancellationToken cancellationToken)
    {
        await Store.PutAsync(
            BatchPaths.Input(submit.BatchId), async (stream, token) => await stream.WriteAsync(Encoding.UTF8.GetBytes(input), token), cancellationToken);
        await Client.PublishAsync(submit, submit.Priority, cancellationToken);
    }

    public Task<BatchState?> StateAsync(string batchId, CancellationToken cancellationToken) =>
        Store.TryReadJsonAsync<BatchState>(BatchPaths.State(batchId), cancellationToken);

    public Task<BatchOutputRow[]> RowsAsync(string path, CancellationToken cancellationToken) => Store.RowsAsync(path, cancellationToken);

    /// <summary>How many messages wait in a queue, once it is as many as expected.</summary>
    public async Task WaitForQueueAsync(string queue, long messages, CancellationToken cancellationToken) => await Until.EqualAsync(
        async () => (await Client.ListAsync(cancellationToken)).Single(depth => depth.Queue == queue).Messages ?? 0, messages, cancellationToken);

    /// <summary>Puts bytes into the exchange of a message, as a producer in any language would.</summary>
    public async Task PublishRawAsync(Type message, string routingKey, string body, CancellationToken cancellationToken, string? contentType = null)
    {
        await using var connection = await Broker.CreateFactory("raw").CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), cancellationToken);
        var properties = new BasicProperties { ContentType = contentType };
        await channel.BasicPublishAsync(
            BrokerTopology.ExchangeOf(message), routingKey, mandatory: true, properties, Encoding.UTF8.GetBytes(body), cancellationToken);
    }

    /// <summary>Takes all messages out of a queue.</summary>
    public async Task<IReadOnlyList<BasicGetResult>> TakeAsync(string queue, CancellationToken cancellationToken)
    {
        await using var connection = await Broker.CreateFactory("take").CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var messages = new List<BasicGetResult>();
        while (await channel.BasicGetAsync(queue, autoAck: true, cancellationToken) is { } message) messages.Add(message);
        return messages;
    }

    /// <summary>The batch is whole: each row once, in input order, counts that add up, and one event, however often it came.</summary>
    public async Task ShouldBeWholeAsync(string batchId, int rows, CancellationToken cancellationToken)
    {
        var output = await RowsAsync(BatchPaths.Output(batchId), cancellationToken);
        var errors = await RowsAsync(BatchPaths.Errors(batchId), cancellationToken);
        var manifest = (await Store.TryReadJsonAsync<BatchManifest>(BatchPaths.Manifest(batchId), cancellationToken))!;
        manifest.Batch.RequestCounts.ShouldBe(new() { Total = rows, Completed = output.Length, Failed = errors.Length });
        (output.Length + errors.Length).ShouldBe(rows);
        output.Concat(errors).Select(row => row.CustomId).Distinct().Count().ShouldBe(rows);
        output.Select(NumberOf).ShouldBeInOrder();
        errors.Select(NumberOf).ShouldBeInOrder();
        Events.All.Select(e => e).Where(e => e.Message is BatchCompleted completed && completed.BatchId == batchId).Select(e => e.Id).Distinct().Count()
            .ShouldBeLessThanOrEqualTo(1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) await worker.DisposeAsync();
        await Events.DisposeAsync();
        await Client.DisposeAsync();
        Store.Dispose();
        _folder.Dispose();
    }

    private static int NumberOf(BatchOutputRow row) =>
        int.Parse(row.CustomId.AsSpan(row.CustomId.LastIndexOf('-') + 1), System.Globalization.CultureInfo.InvariantCulture);
}
