using Dray.Cli.Drill;
using Dray.Tests.Services;
using Dray.Worker.Storage;

namespace Dray.Cli.Tests.Serve;

/// <summary>Servers that are killed in the middle of a batch.</summary>
public sealed class ServeRestartTests
{
    private const int Rows = 48;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_KilledInTheMiddleOfABatch_TheNextOneGoesOnWithTheSameBytes()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["--store", folder["store"], "--threads", "1", "--config", folder.Write("dray.yaml", "chunk_rows: 4\nconcurrent_chunks: 1\nmax_rows_in_flight: 2\n")];
        string batchId;
        string[] chunks;
        await using (var killed = await ServeProcess.StartAsync(Token, arguments))
        {
            using var server = new BatchServer(killed.Address);
            batchId = await server.CreateAsync(BatchServer.Rows(Rows));
            var place = folder["store", "batches", batchId, "chunks"];
            while (!Directory.Exists(place) || Directory.GetFiles(place, "*.jsonl") is []) await Task.Delay(Pause, Token);
            await killed.KillAsync();
            chunks = Directory.GetFiles(place, "*.jsonl");
        }

        File.Exists(folder["store", "batches", batchId, "manifest.json"]).ShouldBeFalse("it was killed before the end");
        var kept = chunks.Select(File.ReadAllText).ToArray();
        await using var next = await ServeProcess.StartAsync(Token, arguments);
        using var again = new BatchServer(next.Address);
        var done = await again.FinishAsync(batchId);
        var answers = await again.AnswersAsync(done);
        var undisturbed = await again.AnswersAsync(await again.FinishAsync(await again.CreateAsync(BatchServer.Rows(Rows))));

        done.GetProperty("status").GetString().ShouldBe("completed");
        done.GetProperty("request_counts").GetProperty("completed").GetInt32().ShouldBe(Rows);
        answers.ShouldBe(undisturbed);
        chunks.Select(File.ReadAllText).ShouldBe(kept, "what was done isn't done again");
    }

    [Fact]
    public async Task Serve_OnABroker_AnotherWorkerRunsItsBatches()
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        var azurite = await AzuriteServer.SharedAsync();
        await using var rabbit = await RabbitMqNode.StartAsync(cancellationToken: Token);
        using var folder = new TemporaryFolder();
        var (broker, location) = (rabbit.Uri.OriginalString, $"{azurite.ConnectionString};Container=test-{Guid.NewGuid():N}");
        var config = folder.Write("dray.yaml", "chunk_rows: 4\nconcurrent_chunks: 1\nmax_rows_in_flight: 2\n");
        string[] arguments = ["--broker", broker, "--store", location, "--threads", "1", "--config", config];
        string batchId;
        await using (var gone = await ServeProcess.StartAsync(Token, arguments))
        {
            using var server = new BatchServer(gone.Address);
            batchId = await server.CreateAsync(BatchServer.Rows(Rows));
            await gone.KillAsync();
        }

        var store = await BlobStoreLocation.Parse(location).OpenAsync(Token);
        (await store.ExistsAsync(BatchPaths.Manifest(batchId), Token)).ShouldBeFalse("it was killed before the end");
        await using var worker = new WorkerProcess("worker", new WorkerProcessOptions
        {
            Broker = broker,
            Store = location,
            Model = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo"),
            Config = config,
            Threads = 1,
        });
        await worker.StartAsync(Token);
        while (!await store.ExistsAsync(BatchPaths.Manifest(batchId), Token)) await Task.Delay(Pause, Token);
        await using var next = await ServeProcess.StartAsync(Token, arguments);
        using var again = new BatchServer(next.Address);
        var done = await again.FinishAsync(batchId);

        done.GetProperty("status").GetString().ShouldBe("completed");
        (await again.AnswersAsync(done)).Select(answer => answer.Row).ShouldBe(Enumerable.Range(0, Rows).Select(row => $"row-{row}"));
    }
}
