using System.Text.Json;
using Dray.Cli.Tests.Support;
using Dray.Tests.Services;
using Dray.Worker.Transport;
using RabbitMQ.Client;

namespace Dray.Cli.Tests.Commands;

public sealed class DoctorCommandTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    private static readonly string Demo = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

    [Fact]
    public async Task Doctor_NothingNamed_ChecksTheMachineAndTheModel()
    {
        var run = await CommandRun.Of("doctor", "--model", Demo, "--device", "cpu");

        run.ExitCode.ShouldBe(0, run.Output);
        run.Output.ShouldContain("dray-demo: ");
        run.Output.ShouldContain("of weights and");
        run.Output.ShouldContain("kernels ");
        run.Output.ShouldContain("not configured: dray run and dray serve need none");
    }

    [Fact]
    public async Task Doctor_BrokerAndStoreRun_AreOkAndLeftAsTheyWere()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "Azurite");
        await using var azurite = await AzuriteServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var store = azurite.ConnectionString;

        var before = await FindingsAsync("--broker", broker.Url, "--store", store);
        await BrokerClient.DeclareAsync(BrokerOptions.Parse(broker.Url), TestContext.Current.CancellationToken);
        var after = await FindingsAsync("--broker", broker.Url, "--store", store);

        before["broker"].Verdict.ShouldBe("ok");
        before["queues"].Message.ShouldStartWith("none yet");
        before["store"].Message.ShouldContain("written, read and listed");
        before["clock"].Verdict.ShouldBe("ok");
        after["queues"].Message.ShouldStartWith($"{QueueNames.Work.Count} declared");
    }

    [Fact]
    public async Task Doctor_WrongPassword_SaysSoWithoutShowingIt()
    {
        var url = broker.Url.Replace("guest:guest", "guest:s3cret", StringComparison.Ordinal);

        var run = await CommandRun.Of("doctor", "--model", Demo, "--device", "cpu", "--broker", url);

        run.ExitCode.ShouldBe(4);
        run.Output.ShouldContain("refuses the user 'guest'");
        run.Output.ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task Doctor_NobodyThere_NamesWhatIsOutOfReach()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("file", "not a folder");

        var run = await CommandRun.Of("doctor", "--model", Demo, "--device", "cpu", "--broker", "amqp://localhost:1", "--store", Path.Combine(file, "store"));

        run.ExitCode.ShouldBe(4);
        run.Output.ShouldContain("amqp://localhost:1 can't be reached");
        run.Output.ShouldContain("2 problem(s)");
    }

    [Fact]
    public async Task Doctor_QueueWithOtherArguments_IsAProblem()
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        var token = TestContext.Current.CancellationToken;
        await using var node = await RabbitMqNode.StartAsync(cancellationToken: token);
        await using (var connection = await BrokerOptions.Parse(node.Uri.OriginalString).CreateFactory("test").CreateConnectionAsync(token))
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
            await channel.QueueDeclareAsync(QueueNames.SubmitBatch, durable: true, exclusive: false, autoDelete: false, cancellationToken: token);
        }

        var run = await CommandRun.Of("doctor", "--model", Demo, "--device", "cpu", "--broker", node.Uri.OriginalString);

        run.ExitCode.ShouldBe(4, run.Output);
        run.Output.ShouldContain(QueueNames.SubmitBatch);
        run.Output.ShouldContain("inequivalent arg");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    public async Task Doctor_ModelMissingOrDamaged_EndsWithThree(string config)
    {
        using var folder = new TemporaryFolder();
        if (config.Length > 0) folder.Write("model/config.json", config);

        var run = await CommandRun.Of("doctor", "--model", folder["model"], "--device", "cpu");

        run.ExitCode.ShouldBe(3);
        run.Output.ShouldContain("problem  model");
        run.Output.ShouldContain("--model");
    }

    [Fact]
    public async Task Doctor_ConfigurationAtFault_EndsWithTwo()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("doctor", "--config", folder.Write("dray.yaml", "max_num_seq: 4\n"));

        run.ExitCode.ShouldBe(2);
        run.Output.ShouldContain("max_num_seqs");
    }

    private static async Task<Dictionary<string, (string Verdict, string Message)>> FindingsAsync(params string[] services)
    {
        var run = await CommandRun.Of(["doctor", "--model", Demo, "--device", "cpu", "--json", .. services]);
        run.ExitCode.ShouldBe(0, run.Output);
        return JsonElement.Parse(run.Output).GetProperty("findings").EnumerateArray().ToDictionary(
            finding => finding.GetProperty("subject").GetString()!,
            finding => (finding.GetProperty("verdict").GetString()!, finding.GetProperty("message").GetString()!));
    }
}
