using System.Net;
using Dray.Cli.Drill;
using Dray.Contracts;
using Dray.Tests.Services;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Cli.Tests.Deploy;

/// <summary>The worker as docker-compose.yml starts it, on this machine's broker and blob server in place of its containers.</summary>
[Collection(nameof(WorkerProcess))]
public sealed class ComposeRunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_AsComposeStartsIt_IsReadyAndRunsABatch()
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        var service = ComposeFile.Services["worker"]!;
        var environment = service["environment"]!.AsObject().ToDictionary(
            variable => variable.Key, variable => ComposeFile.Expand(variable.Value!.GetValue<string>()));
        var user = BrokerOptions.Parse(environment["DRAY_BROKER"]);
        await using var node = await RabbitMqNode.StartAsync(
            $"default_user = {user.UserName}\ndefault_pass = {user.Password}", cancellationToken: Token);
        await using var azurite = await AzuriteServer.StartAsync(cancellationToken: Token);

        // Only the containers' names and ports are others here.
        BlobStoreLocation.Parse(environment["DRAY_STORE"]).ToString().ShouldBe("http://azurite:10000/devstoreaccount1/dray");
        var broker = environment["DRAY_BROKER"].Replace("rabbitmq:5672", $"localhost:{node.Uri.Port}", StringComparison.Ordinal);
        await using var worker = new WorkerProcess("worker", new WorkerProcessOptions
        {
            Broker = broker,
            Store = azurite.ConnectionString,
            Model = Local(environment["DRAY_MODEL"], service["volumes"]!.AsArray().Select(volume => ComposeFile.Expand(volume!.GetValue<string>()))),
            Config = Local(
                service["command"]!.AsArray()[2]!.GetValue<string>(), service["volumes"]!.AsArray().Select(volume => volume!.GetValue<string>())),
        });
        var address = await worker.StartAsync(Token);
        await using var client = await BatchClient.OpenAsync(
            BlobStoreLocation.Parse(azurite.ConnectionString), BrokerOptions.Parse(broker), Token);

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{address.Port}") };
        (await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var submitted = await client.SubmitAsync(
            Path.Combine(SharedFolder.Repository, "samples", "jobs", "demo.jsonl"), new SubmitOptions(), Token);
        var last = await client.WatchAsync(submitted.BatchId, TimeSpan.FromMilliseconds(200), Token).LastAsync(Token);

        last.Batch.Status.ShouldBe(BatchStatus.Completed);
        (last.Batch.RequestCounts.Total, last.Batch.RequestCounts.Failed).ShouldBe((12, 0));
        (await worker.StopAsync(Token)).ShouldBe(ExitCode.Done);
    }

    // Where a path of the container lies in the repository.
    private static string Local(string path, IEnumerable<string> volumes)
    {
        foreach (var volume in volumes.Select(volume => volume.Split(':')))
        {
            if (path.StartsWith(volume[1], StringComparison.Ordinal))
                return Path.GetFullPath(Path.Combine(SharedFolder.Repository, volume[0]) + path[volume[1].Length..]);
        }

        throw new InvalidOperationException($"No volume holds {path}.");
    }
}
