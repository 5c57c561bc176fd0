using Dray.Contracts;
using Dray.Worker.Client;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Dray.Extensions.AI.Tests;

public sealed class QueueChatClientTests(DemoService queue) : IClassFixture<DemoService>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResponseAsync_PictureAndType_AreAnsweredByTheWorker()
    {
        using var client = new QueueChatClient(queue.Broker, queue.Store);

        var caption = await client.GetResponseAsync([await Demo.LetterAsync()], Demo.Greedy, Token);
        var topic = await client.GetResponseAsync<Topic>(Demo.TopicPrompt, Demo.Greedy, cancellationToken: Token);

        caption.Text.ShouldBe(Demo.LetterCaption);
        caption.FinishReason.ShouldBe(ChatFinishReason.Stop);
        caption.ModelId.ShouldBe("dray-demo");
        caption.Usage!.OutputTokenCount!.Value.ShouldBeGreaterThan(5);
        topic.Result.ShouldBe(new Topic("food"));
        Directory.GetFiles(Path.Combine(queue.Store, "jobs"), "chat-*.json").Length.ShouldBeGreaterThanOrEqualTo(2);
    }

    [Fact]
    public async Task GetStreamingResponseAsync_FunctionInvocation_CallsTheFunctionAndGoesOn()
    {
        var calls = new List<string>();
        var options = Demo.Greedy;
        options.Tools = [Demo.Invoices(calls)];
        using var client = new QueueChatClient(queue.Broker, queue.Store, new QueueChatClientOptions { Priority = JobPriority.High })
            .AsBuilder().UseFunctionInvocation(configure: invoking => invoking.MaximumIterationsPerRequest = 2).Build();

        var response = await client.GetStreamingResponseAsync(Demo.InvoicePrompt, options, Token).ToChatResponseAsync(Token);

        calls[0].ShouldBe("8730");
        response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().ShouldNotBeEmpty();
        response.Messages[^1].Role.ShouldBe(ChatRole.Assistant);
    }

    [Fact]
    public async Task GetResponseAsync_SameConversationAgain_IsNotComputedTwice()
    {
        var options = Demo.Greedy;
        options.ConversationId = "letters/17";
        using var first = new QueueChatClient(queue.Broker, queue.Store);
        using var second = new QueueChatClient(queue.Broker, queue.Store);

        var answer = await first.GetResponseAsync(Demo.TopicPrompt, options, Token);
        var computed = queue.Engine.Statistics.CompletionTokens;
        var again = await second.GetResponseAsync(Demo.TopicPrompt, options, Token);

        again.Text.ShouldBe(answer.Text);
        again.ResponseId.ShouldBe(answer.ResponseId);
        queue.Engine.Statistics.CompletionTokens.ShouldBe(computed);

        options.ConversationId = "letters/18";
        (await second.GetResponseAsync(Demo.TopicPrompt, options, Token)).ResponseId.ShouldNotBe(answer.ResponseId);
    }

    [Fact]
    public async Task GetResponseAsync_RequestAtFault_ThrowsCodeStatusAndField()
    {
        using var client = new QueueChatClient(queue.Broker, queue.Store);

        var refused = await Should.ThrowAsync<ChatRefusedException>(() => client.GetResponseAsync("hello", new ChatOptions { Temperature = 9 }, Token));

        (refused.Code, refused.StatusCode, refused.Param).ShouldBe((ErrorCodes.InvalidRequest, 400, "temperature"));
    }

    [Fact]
    public async Task GetResponseAsync_TooLargeForAMessage_SaysSo()
    {
        using var client = new QueueChatClient(queue.Broker, queue.Store);
        var message = new ChatMessage(ChatRole.User, [new DataContent(new byte[13 << 20], "image/png")]);

        var refused = await Should.ThrowAsync<BatchClientException>(() => client.GetResponseAsync([message], null, Token));

        refused.Problem.ShouldBe(BatchClientProblem.InputRefused);
        refused.Message.ShouldContain("submit a batch");
    }

    [Fact]
    public async Task GetResponseAsync_NoBroker_SaysWhereItLooked()
    {
        using var client = new QueueChatClient("amqp://guest:secret@localhost:1", queue.Store);

        var failure = await Should.ThrowAsync<BatchClientException>(() => client.GetResponseAsync("hello", null, Token));

        failure.Problem.ShouldBe(BatchClientProblem.BrokerOutOfReach);
        failure.Message.ShouldContain("amqp://localhost:1");
        failure.Message.ShouldNotContain("secret");
    }

    [Fact]
    public void GetService_Types_AreFound()
    {
        using var client = new QueueChatClient("amqp://guest:secret@broker", queue.Store);

        client.GetService<ChatClientMetadata>()!.ProviderUri.ShouldBe(new Uri("amqp://broker:5672"));
        client.GetService<JobClient>().ShouldNotBeNull();
    }
}
