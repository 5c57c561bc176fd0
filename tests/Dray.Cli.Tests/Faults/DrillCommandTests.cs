using System.Text.Json;
using Dray.Cli.Tests.Support;
using Dray.Contracts;
using Dray.Tests.Services;
using Dray.Worker.Transport;

namespace Dray.Cli.Tests.Faults;

/// <summary><c>dray drill</c> on a real broker and a real blob server.</summary>
[Collection(FaultGroup.Name)]
public sealed class DrillCommandTests(BrokerFixture broker) : IClassFixture<BrokerFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Drill_SmallBatch_KeepsEveryPromiseAndLeavesNothing()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        var azurite = await AzuriteServer.SharedAsync();

        // What names the webhook or other services is not for the drill's workers. On the slowest path the batch outlasts its faults.
        var config = _folder.Write(
            "dray.yaml", "broker: amqp://nobody:nothing@localhost:1\nmax_num_seqs: 8\ncpu_path: portable\nwebhook_url: https://localhost:1/\n");
        var run = await CommandRun.Of(
            "drill", "--config", config, "--broker", broker.Url, "--store", $"{azurite.ConnectionString}Container=drill", "--rows", "120",
            "--kills", "3", "--workers", "2", "--threads", "1", "--seed", "7", "--json");

        run.ExitCode.ShouldBe(0, run.Error + run.Output);
        var result = JsonElement.Parse(run.Output);
        result.GetProperty("ok").GetBoolean().ShouldBeTrue();
        result.GetProperty("invariants").EnumerateArray().Count(invariant => invariant.GetProperty("holds").GetBoolean()).ShouldBe(10);
        var faults = result.GetProperty("faults").EnumerateArray().Select(fault => fault.GetProperty("kind").GetString()).ToArray();
        faults.Count(kind => kind == "kill").ShouldBe(3, run.Error);
        faults.ShouldContain("redeliver", run.Error);
        run.Error.ShouldContain("is asked to stop");
        run.Error.ShouldNotContain("AccountKey");
        var status = await CommandRun.Of(
            "status", result.GetProperty("batch_id").GetString()!, "--store", $"{azurite.ConnectionString}Container=drill");
        status.ExitCode.ShouldBe(3);
    }

    [Fact]
    public async Task Drill_QueuesInUse_IsRefusedWithTheRemedy()
    {
        var url = broker.Url;
        await using (var client = await BrokerClient.ConnectAsync(BrokerOptions.Parse(url), Cancellation))
            await client.PublishAsync(new CancelBatch { BatchId = "b" }, cancellationToken: Cancellation);

        var run = await CommandRun.Of("drill", "--broker", url, "--store", _folder["store"]);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("dray-cancel-batch", customMessage: run.Error);
        run.Error.ShouldContain("rabbitmqctl add_vhost");
        run.Error.ShouldNotContain("guest:guest");
        await TakeAsync(url);
    }

    [Fact]
    public async Task Drill_NoModel_SaysWhyItsWorkersEnded()
    {
        var run = await CommandRun.Of("drill", "--broker", broker.Url, "--store", _folder["store"], "--model", _folder.Path, "--workers", "1");

        run.ExitCode.ShouldBe(4);
        run.Error.ShouldContain("worker 1 ended before it took work");
        run.Error.ShouldContain("config.json");
    }

    private static async Task TakeAsync(string url)
    {
        await using var connection = await new RabbitMQ.Client.ConnectionFactory { Uri = new Uri(url) }.CreateConnectionAsync(Cancellation);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        (await channel.BasicGetAsync("dray-cancel-batch", autoAck: true, Cancellation)).ShouldNotBeNull();
    }
}
