using Dray.Contracts;
using Dray.Tests.Services;
using Dray.Worker.Client;
using Dray.Worker.Hosting;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Dray.Worker.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dray.Worker.Tests.Client;

/// <summary>A client and a worker that share nothing but a real broker and a real blob server.</summary>
public sealed class BatchClientServiceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SubmitWatchOutput_RealBrokerAndBlobServer_EveryRowOnceInInputOrder()
    {
        const int Rows = 200;
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        var azurite = await AzuriteServer.SharedAsync();
        await using var rabbit = await RabbitMqNode.StartAsync(cancellationToken: Cancellation);
        using var folder = new TemporaryFolder();
        var broker = BrokerOptions.Parse(rabbit.Uri.ToString());
        var store = BlobStoreLocation.Parse($"{azurite.ConnectionString};Container=test-{Guid.NewGuid():N}");
        await using var client = await BatchClient.OpenAsync(store, broker, Cancellation);
        var input = JobLines.Lines(Rows) + JobLines.Line("repeat", "prompt 7") + "\n" + JobLines.Line("picture", "see", "pictures/a b.png") + "\n" +
            JobLines.Line("bad", "too long") + "\n{oops\n";
        folder.Write("pictures/a b.png", "seven b");
        var jobs = folder.Write("jobs.jsonl", input);

        // Before there is a worker: the queue keeps the message.
        var submitted = await client.SubmitAsync(jobs, new SubmitOptions { Priority = JobPriority.High, Metadata = new Dictionary<string, string> { ["team"] = "x" } }, Cancellation);
        var waiting = await client.StatusAsync(submitted.BatchId, Cancellation);
        using var worker = await StartWorkerAsync(store, broker);
        var done = await client.WatchAsync(submitted.BatchId, TimeSpan.FromMilliseconds(50), Cancellation).LastAsync(Cancellation);
        var output = await client.OutputAsync(submitted.BatchId, folder["out"], cancellationToken: Cancellation);
        var retry = await client.RetryFailedAsync(submitted.BatchId, cancellationToken: Cancellation);
        var again = await client.WatchAsync(retry.Submitted!.BatchId, TimeSpan.FromMilliseconds(50), Cancellation).LastAsync(Cancellation);
        await worker.StopAsync(Cancellation);

        (waiting.Batch.Status, waiting.IsSeen, waiting.IsUploaded).ShouldBe((BatchStatus.Validating, false, true));
        (done.Batch.Status, done.Priority, done.Batch.Metadata!["team"]).ShouldBe((BatchStatus.Completed, JobPriority.High, "x"));
        (done.Batch.RequestCounts.Total, done.Batch.RequestCounts.Completed, done.Batch.RequestCounts.Failed).ShouldBe((Rows + 4, Rows + 2, 2));
        var rows = WorkedFixture.Rows(output.OutputFile);
        rows.Select(row => row.CustomId).ShouldBe([.. Enumerable.Range(0, Rows).Select(row => $"row-{row}"), "repeat", "picture"]);
        rows.Select(row => row.Content()).ShouldBe([.. Enumerable.Range(0, Rows).Select(row => $"prompt {row}|"), "prompt 7|", "see|7"]);
        WorkedFixture.Rows(output.ErrorsFile).Select(row => row.CustomId).ShouldBe(["bad", $"line-{Rows + 4}"]);
        (retry.Failed, again.Batch.RequestCounts.Total, again.Batch.Metadata!["retry_of"]).ShouldBe((2, 2, submitted.BatchId));
        await using var queues = await BrokerClient.ConnectAsync(broker, Cancellation);
        (await queues.ListAsync(Cancellation)).Where(queue => queue.Messages > 0).ShouldBeEmpty("everything was worked off, and nothing failed");
    }

    private static async Task<IHost> StartWorkerAsync(BlobStoreLocation location, BrokerOptions broker)
    {
        var settings = WorkerSettings.From(new WorkerOptions { ChunkRows = 32 });
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, PassiveLifetime>();
        builder.Services.AddDrayWorker(
            settings, new EngineFake(), await location.OpenAsync(Cancellation), images: null, bus => RabbitMqTransport.Use(bus, broker, settings));
        var host = builder.Build();
        await host.StartAsync(Cancellation);
        return host;
    }
}
