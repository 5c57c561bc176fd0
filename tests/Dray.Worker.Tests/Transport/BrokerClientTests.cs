using Dray.Contracts;
using Dray.Worker.Tests.Support;
using Dray.Worker.Transport;
using RabbitMQ.Client;

namespace Dray.Worker.Tests.Transport;

public sealed class BrokerClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectAsync_QueuesOfAWorkerWithAnotherConsumerTimeout_AreTakenAsTheyAre()
    {
        var broker = await BrokerNode.NewHostAsync(Token);
        await BrokerClient.DeclareAsync(broker with { ConsumerTimeout = TimeSpan.FromHours(2) }, Token);

        await using var client = await BrokerClient.ConnectAsync(broker, Token);
        await client.PublishAsync(new CancelBatch { BatchId = "b1" }, cancellationToken: Token);

        (await client.ListAsync(Token)).Sum(queue => queue.Messages ?? 0).ShouldBe(1);
    }

    [Fact]
    public async Task DeclareAsync_QueueWithOtherArguments_SaysWhatToDo()
    {
        var broker = await BrokerNode.NewHostAsync(Token);
        await using (var connection = await broker.CreateFactory("test").CreateConnectionAsync(Token))
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: Token))
            await channel.QueueDeclareAsync(QueueNames.SubmitBatch, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);

        var refused = await Should.ThrowAsync<BrokerException>(BrokerClient.DeclareAsync(broker, Token));

        refused.Message.ShouldContain(QueueNames.SubmitBatch);
        refused.Message.ShouldContain("Delete the queue once it is empty");
    }

    [Fact]
    public async Task ConnectAsync_NobodyListens_SaysWhereAndShowsNoPassword()
    {
        var refused = await Should.ThrowAsync<BrokerException>(
            BrokerClient.ConnectAsync(BrokerOptions.Parse("amqp://somebody:secret@localhost:1"), Token));

        refused.Message.ShouldContain("amqp://localhost:1");
        refused.Message.ShouldNotContain("secret");
    }
}
