using System.Text.Json;
using Dray.Contracts;
using Dray.Tests.Services;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Dray.Worker.Transport;

namespace Dray.Worker.Tests.Client;

public sealed class JobClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_BrokerRestartedMeanwhile_ConnectsAgain()
    {
        RequiredServices.Demand(RabbitMqNode.IsInstalled, "broker");
        using var folder = new TemporaryFolder();
        await using var node = await RabbitMqNode.StartAsync(cancellationToken: Token);
        var broker = BrokerOptions.Parse(node.Uri.OriginalString);
        await using var client = new JobClient(BlobStoreLocation.Parse(folder["store"]), broker);

        await AnswerAsync("first", waiting: 1);
        await node.StopAsync();
        var gone = await Should.ThrowAsync<BatchClientException>(() => client.RunAsync(Job("second"), Token));
        await node.StartAgainAsync(Token);

        gone.Problem.ShouldBe(BatchClientProblem.BrokerOutOfReach);
        await AnswerAsync("second", waiting: 2);

        async Task AnswerAsync(string id, long? waiting)
        {
            var asked = client.RunAsync(Job(id), Token);
            await using (var queues = await BrokerClient.ConnectAsync(broker, Token))
            {
                await Until.EqualAsync(
                    async () => (await queues.ListAsync(Token)).Single(depth => depth.Queue == QueueNames.RunJob(JobPriority.Normal)).Messages, waiting, Token);
            }

            folder.Write($"store/jobs/{id}.json", JsonSerializer.Serialize(new BatchOutputRow { Id = id, CustomId = id }, ContractsJson.Options));
            (await asked).CustomId.ShouldBe(id);
        }
    }

    [Fact]
    public async Task RunAsync_AnswerIsThere_NeedsNoBroker()
    {
        using var folder = new TemporaryFolder();
        var row = new BatchOutputRow { Id = "r", CustomId = "j1" };
        folder.Write("store/jobs/j1.json", JsonSerializer.Serialize(row, ContractsJson.Options));
        await using var client = new JobClient(BlobStoreLocation.Parse(folder["store"]), BrokerOptions.Parse("amqp://localhost:1"));

        (await client.RunAsync(Job("j1"), Token)).ShouldBe(row);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../j1")]
    public async Task RunAsync_IdThatCannotBeOne_IsRefused(string id)
    {
        using var folder = new TemporaryFolder();
        await using var client = new JobClient(BlobStoreLocation.Parse(folder["store"]), BrokerOptions.Parse("amqp://localhost:1"));

        (await Should.ThrowAsync<BatchClientException>(() => client.RunAsync(Job(id), Token))).Problem.ShouldBe(BatchClientProblem.InputRefused);
    }

    private static RunJob Job(string id) => new() { JobId = id, Body = JsonElement.Parse(JobLines.Line("x", "hello")).GetProperty("body") };
}
