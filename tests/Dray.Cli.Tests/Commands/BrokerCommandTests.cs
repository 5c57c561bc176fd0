using System.Text.Json;
using Dray.Cli.Tests.Support;
using Dray.Contracts;
using RabbitMQ.Client;

namespace Dray.Cli.Tests.Commands;

/// <summary>Commands that talk to a real broker. Each test leaves its queues empty.</summary>
public sealed class BrokerCommandTests(BrokerFixture broker) : IClassFixture<BrokerFixture>, IDisposable
{
    private const string Errors = "dray-submit-batch_error";
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Submit_TwiceTheSame_SendsTheSameBatchTwice()
    {
        var jobs = _folder.Write("jobs.jsonl", "{\"custom_id\":\"a\",\"body\":{}}\n");
        string[] command = ["submit", jobs, "--broker", broker.Url, "--store", _folder["store"], "--priority", "high", "--expires", "1d", "--max-tokens-total", "500", "--metadata", "team=x", "--json"];

        var first = await CommandRun.Of(command);
        var again = await CommandRun.Of(command);
        var status = await CommandRun.Of("status", JsonElement.Parse(first.Output).GetProperty("batch_id").GetString()!, "--store", _folder["store"], "--json");

        (first.ExitCode, again.ExitCode, status.ExitCode).ShouldBe((0, 0, 0), first.Error + again.Error + status.Error);
        var messages = await TakeAsync("dray-submit-batch");
        messages.Count.ShouldBe(2);
        var submit = JsonSerializer.Deserialize<SubmitBatch>(messages[0], ContractsJson.Options)!;
        messages[1].ShouldBe(messages[0]);
        submit.BatchId.ShouldBe(JsonElement.Parse(again.Output).GetProperty("batch_id").GetString());
        (submit.Priority, submit.MaxTokensTotal, submit.Metadata!["team"]).ShouldBe((JobPriority.High, 500, "x"));
        submit.ExpiresAt.ShouldBe(JsonElement.Parse(status.Output).GetProperty("created_at").GetInt64() + 86_400);
    }

    [Fact]
    public async Task Submit_KeyOfAnotherBatch_ExitsWithThreeAndSendsNothing()
    {
        string[] options = ["--broker", broker.Url, "--store", _folder["store"], "--key", "nightly"];
        var first = await CommandRun.Of(["submit", _folder.Write("a.jsonl", "{}\n"), .. options]);
        await TakeAsync("dray-submit-batch");

        var other = await CommandRun.Of(["submit", _folder.Write("b.jsonl", "{}\n{}\n"), .. options]);

        (first.ExitCode, other.ExitCode).ShouldBe((0, 3), first.Error);
        other.Error.ShouldContain("'nightly'");
        (await TakeAsync("dray-submit-batch")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("cancel", "{\"batch_id\":\"b\"}")]
    [InlineData("pause", "{\"batch_id\":\"b\"}")]
    [InlineData("resume", "{\"batch_id\":\"b\",\"max_tokens_total\":9}")]
    public async Task BatchMessages_KnownBatch_ReachTheirQueue(string command, string message)
    {
        _folder.Write("store/batches/b/state.json", """{"batch":{"id":"b","input_file_id":"i","status":"in_progress","created_at":1,"request_counts":{},"usage":{} },"chunks":[]}""");
        string[] own = command == "resume" ? ["--max-tokens-total", "9"] : [];

        var run = await CommandRun.Of([command, "b", .. own, "--broker", broker.Url, "--store", _folder["store"]]);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("b, which was in_progress, is asked to");
        var sent = (await TakeAsync($"dray-{command}-batch")).ShouldHaveSingleItem();
        JsonElement.DeepEquals(JsonElement.Parse(sent), JsonElement.Parse(message)).ShouldBeTrue(sent);
    }

    [Fact]
    public async Task QueuesAndRequeue_FailedMessages_AreShownAndSentBack()
    {
        var empty = await CommandRun.Of("queues", "--broker", broker.Url);
        await FailAsync("one", "two", "three");

        var shown = await CommandRun.Of("queues", "--broker", broker.Url, "--json");
        var one = await CommandRun.Of("requeue", Errors, "--limit", "1", "--broker", broker.Url, "--json");
        var rest = await CommandRun.Of("requeue", Errors, "--broker", broker.Url);
        var after = await CommandRun.Of("queues", "--broker", broker.Url);

        (empty.ExitCode, shown.ExitCode, one.ExitCode, rest.ExitCode, after.ExitCode).ShouldBe((0, 1, 0, 0, 0), empty.Error + one.Error + rest.Error + after.Error);
        empty.Output.ShouldContain("dray-submit-batch");
        shown.Error.ShouldContain($"dray requeue {Errors}");
        var queue = JsonElement.Parse(shown.Output).GetProperty("queues").EnumerateArray().Single(queue => queue.GetProperty("queue").GetString() == Errors);
        (queue.GetProperty("ready").GetInt64(), queue.GetProperty("failure").GetBoolean()).ShouldBe((3, true));
        JsonElement.Parse(one.Output).GetProperty("requeued").GetInt32().ShouldBe(1);
        rest.Output.ShouldContain("2 messages");
        (await TakeAsync("dray-submit-batch")).ShouldBe(["one", "two", "three"]);
    }

    [Fact]
    public async Task Requeue_QueueOfWork_IsRefused()
    {
        var run = await CommandRun.Of("requeue", "dray-submit-batch", "--broker", broker.Url);

        run.ExitCode.ShouldBe(3);
        run.Error.ShouldContain("dray-dead-letter");
    }

    private async Task FailAsync(params string[] bodies)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), Cancellation);
        await channel.QueueDeclareAsync(Errors, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancellation);
        foreach (var body in bodies)
            await channel.BasicPublishAsync("", Errors, mandatory: true, System.Text.Encoding.UTF8.GetBytes(body), Cancellation);
    }

    private async Task<List<string>> TakeAsync(string queue)
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancellation);
        var bodies = new List<string>();
        while (await channel.BasicGetAsync(queue, autoAck: true, Cancellation) is { } message)
            bodies.Add(System.Text.Encoding.UTF8.GetString(message.Body.Span));
        return bodies;
    }

    private Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = new Uri(broker.Url) }.CreateConnectionAsync(Cancellation);
}
