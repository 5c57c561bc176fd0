using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Dray.Cli.Drill;
using Dray.Contracts;
using Dray.Tests.Services;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Cli.Tests.Faults;

/// <summary>A broker, a store and worker processes that run one batch with the demo model, for something to go wrong meanwhile.</summary>
internal sealed class FaultBench : IAsyncDisposable
{
    public const int Rows = 48;
    private const string BatchId = "faults";
    private const int ChunkRows = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly Lazy<Task<FileSystemBlobStore>> Undisturbed = new(RunUndisturbedAsync);
    private readonly TemporaryFolder _folder = new();
    private readonly List<WorkerProcess> _workers = [];
    private readonly string _location;

    private FaultBench(RabbitMqNode node, EventTap tap, string location, IBlobStore store) => (Node, Tap, _location, Store) = (node, tap, location, store);

    public RabbitMqNode Node { get; }

    public EventTap Tap { get; }

    public IBlobStore Store { get; }

    /// <summary>A bench; skipped without a broker.</summary>
    /// <param name="location">The store as workers are told it.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<FaultBench> StartAsync(string location, CancellationToken cancellationToken)
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        await Undisturbed.Value.WaitAsync(cancellationToken);
        return await StartAloneAsync(location, cancellationToken);
    }

    /// <summary>Starts a worker on the bench.</summary>
    public async Task<WorkerProcess> StartWorkerAsync(CancellationToken cancellationToken, params (string Key, string Value)[] environment)
    {
        var worker = new WorkerProcess($"worker-{_workers.Count}", new WorkerProcessOptions
        {
            Broker = Node.Uri.OriginalString,
            Store = _location,
            Model = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo"),
            Config = _folder.Write("worker.yaml", $"chunk_rows: {ChunkRows}\nconcurrent_chunks: 1\nmax_rows_in_flight: 4\n"),
            Threads = 1,
            Environment = environment.ToDictionary(variable => variable.Key, variable => variable.Value),
        });
        _workers.Add(worker);
        await worker.StartAsync(cancellationToken);
        return worker;
    }

    /// <summary>Submits the batch.</summary>
    public async Task SubmitAsync(CancellationToken cancellationToken, long? expiresAt = null)
    {
        await Store.PutAsync(
            BatchPaths.Input(BatchId), async (stream, token) => await stream.WriteAsync(Encoding.UTF8.GetBytes(Input()), token), cancellationToken);
        await using var client = await BrokerClient.ConnectAsync(BrokerOptions.Parse(Node.Uri.OriginalString), cancellationToken);
        await client.PublishAsync(new SubmitBatch { BatchId = BatchId, ExpiresAt = expiresAt }, cancellationToken: cancellationToken);
    }

    /// <summary>Waits until so many chunks are done.</summary>
    public Task WaitForChunksAsync(int chunks, CancellationToken cancellationToken) => WaitAsync(
        async () => (await Store.TryReadJsonAsync<BatchState>(BatchPaths.State(BatchId), cancellationToken))?.Chunks.Count >= chunks, cancellationToken);

    /// <summary>Looks until it is so.</summary>
    public async Task WaitAsync(Func<Task<bool>> isSo, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience) Assert.Fail($"It didn't happen in {Patience}.\n{Story()}");
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Waits for the end of the batch and checks all that holds of it.</summary>
    public async Task ShouldCompleteAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(() => Task.FromResult(Tap.Received.Any(tapped => tapped.Kind is nameof(BatchCompleted) or nameof(BatchExpired) or nameof(BatchFailed))), cancellationToken);
        var found = await BatchInvariants.CheckAsync(Store, BatchId, Tap.Received, await Undisturbed.Value, cancellationToken);
        found.Count.ShouldBe(9);
        string.Join('\n', found.Where(invariant => !invariant.Holds).Select(invariant => $"{invariant.Name}: {invariant.Violation}")).ShouldBeEmpty(Story());
        (await ManifestAsync(cancellationToken)).Batch.Status.ShouldBe(BatchStatus.Completed);
        await using var client = await BrokerClient.ConnectAsync(BrokerOptions.Parse(Node.Uri.OriginalString), cancellationToken);
        (await client.ListAsync(cancellationToken)).Where(depth => depth.IsFailure).Sum(depth => depth.Messages ?? 0).ShouldBe(0, Story());
    }

    public async Task<BatchManifest> ManifestAsync(CancellationToken cancellationToken) =>
        (await Store.TryReadJsonAsync<BatchManifest>(BatchPaths.Manifest(BatchId), cancellationToken)).ShouldNotBeNull();

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) await worker.DisposeAsync();
        await Tap.DisposeAsync();
        await Node.DisposeAsync();
        (Store as IDisposable)?.Dispose();
        _folder.Dispose();
    }

    private static async Task<FaultBench> StartAloneAsync(string location, CancellationToken cancellationToken)
    {
        var node = await RabbitMqNode.StartAsync(cancellationToken: cancellationToken);
        var tap = await EventTap.OpenAsync(BrokerOptions.Parse(node.Uri.OriginalString), cancellationToken);
        return new FaultBench(node, tap, location, await BlobStoreLocation.Parse(location).OpenAsync(cancellationToken));
    }

    private static async Task<FileSystemBlobStore> RunUndisturbedAsync()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        await using var bench = await StartAloneAsync(folder["store"], CancellationToken.None);
        await bench.StartWorkerAsync(CancellationToken.None);
        await bench.SubmitAsync(CancellationToken.None);
        await bench.WaitAsync(() => bench.Store.ExistsAsync(BatchPaths.Manifest(BatchId)), CancellationToken.None);
        return new FileSystemBlobStore(folder["store"]);
    }

    private static string Input() => string.Concat(Enumerable.Range(0, Rows).Select(row => JsonSerializer.Serialize(new
    {
        custom_id = $"row-{row}",
        method = "POST",
        url = "/v1/chat/completions",
        body = new { model = "demo", max_tokens = 24, ignore_eos = true, temperature = 0, messages = new[] { new { role = "user", content = $"What is in picture {row}?" } } },
    }) + "\n"));

    private string Story() => string.Join('\n', _workers.SelectMany(worker => worker.LastLines.TakeLast(40)));
}
