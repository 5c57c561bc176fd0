using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using MassTransit;

namespace Dray.Worker.Tests.Consumers;

public sealed class RunJobConsumerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunJob_Request_IsAnsweredOnceHoweverOftenItComes()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        var job = new RunJob { JobId = "j1", Body = Body("hello"), Metadata = new Dictionary<string, string> { ["k"] = "v" } };

        await worker.Bus.Publish(job, Token);
        var first = await worker.Events.NextAsync<JobCompleted>(Token);
        await worker.Bus.Publish(job, Token);
        var second = await worker.Events.NextAsync<JobCompleted>(Token);

        second.Id.ShouldBe(first.Id);
        first.Message.EventId.ShouldBe(first.Id!.Value);
        first.Message.Usage.TotalTokens.ShouldBe(7);
        first.Message.Metadata!["k"].ShouldBe("v");
        worker.Engine.Calls["hello"].ShouldBe(1);
        var row = (await worker.Store.TryReadJsonAsync<BatchOutputRow>("jobs/j1.json", Token))!;
        (row.CustomId, row.Content()).ShouldBe(("j1", "hello|"));
    }

    [Theory]
    [InlineData("fail", 500, ErrorCodes.EngineFailure)]
    [InlineData("too long", 400, ErrorCodes.ContextLengthExceeded)]
    public async Task RunJob_Failure_IsTold(string prompt, int status, string code)
    {
        await using var worker = await WorkerFixture.StartAsync(Token);

        await worker.Bus.Publish(new RunJob { JobId = "j1", Body = Body(prompt) }, Token);
        var (failed, _) = await worker.Events.NextAsync<JobFailed>(Token);

        (failed.JobId, failed.StatusCode, failed.Error.Code).ShouldBe(("j1", status, code));
    }

    [Fact]
    public async Task RunJob_IdThatIsNoName_IsRefused()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);

        await worker.Bus.Publish(new RunJob { JobId = "../../x", Body = Body("hello") }, Token);
        var (failed, _) = await worker.Events.NextAsync<JobFailed>(Token);

        failed.Error.Param.ShouldBe("job_id");
        worker.Engine.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task RunJob_PlainJsonOfAnyProducer_IsUnderstood()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        var json = $$$"""{"job_id":"raw-1","body":{{{Body("plain").GetRawText()}}}}""";
        var endpoint = await worker.Bus.GetSendEndpoint(new Uri("queue:dray-run-job-normal"));

        await endpoint.Send(new Placeholder(), context => context.Serializer = new PlainJson(json), Token);
        var (completed, _) = await worker.Events.NextAsync<JobCompleted>(Token);

        completed.JobId.ShouldBe("raw-1");
    }

    private static JsonElement Body(string prompt) => JsonElement.Parse(JobLines.Line("x", prompt)).GetProperty("body");

    internal sealed record Placeholder;

    /// <summary>Sends the text as it stands, as a producer that knows nothing of MassTransit would.</summary>
    private sealed class PlainJson(string json) : IMessageSerializer
    {
        public System.Net.Mime.ContentType ContentType { get; } = new("application/json");

        public MessageBody GetMessageBody<T>(SendContext<T> context)
            where T : class => new BytesMessageBody(Encoding.UTF8.GetBytes(json));
    }
}
