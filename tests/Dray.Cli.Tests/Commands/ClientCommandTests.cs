using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

/// <summary>Commands over a folder as the store, and a broker that isn't there.</summary>
public sealed class ClientCommandTests : IDisposable
{
    private const string Secret = "s3cr3t";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("submit")]
    [InlineData("cancel")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("queues")]
    [InlineData("requeue")]
    public async Task Invoke_BrokerOutOfReach_ExitsWithFourAndNamesItWithoutThePassword(string command)
    {
        WriteState("in_progress", 4, 1, 0);
        string[] arguments = command switch
        {
            "submit" => [_folder.Write("jobs.jsonl", "{}\n"), .. Store],
            "queues" => [],
            "requeue" => ["dray-dead-letter"],
            _ => ["b", .. Store],
        };

        var run = await CommandRun.Of([command, .. arguments, "--broker", $"amqp://user:{Secret}@localhost:1"]);

        run.ExitCode.ShouldBe(4);
        run.Error.ShouldContain("localhost:1");
        (run.Output + run.Error).ShouldNotContain(Secret);
    }

    [Fact]
    public async Task Invoke_BrokerThatIsNoAmqpUrl_IsAMistakeInUse()
    {
        var run = await CommandRun.Of("queues", "--broker", $"http://user:{Secret}@localhost");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("amqp://");
        run.Error.ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("watch")]
    [InlineData("output")]
    [InlineData("cancel")]
    [InlineData("retry-failed")]
    public async Task Invoke_UnknownBatch_ExitsWithThree(string command)
    {
        var run = await CommandRun.Of([command, "batch_nobody", .. Store]);

        run.ExitCode.ShouldBe(3);
        run.Error.ShouldContain("batch_nobody");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Status_BatchThatRuns_PrintsTheBatchObject()
    {
        WriteState("in_progress", 10, 4, 1);

        var json = await CommandRun.Of(["status", "b", "--json", .. Store]);
        var text = await CommandRun.Of(["status", "b", .. Store]);

        (json.ExitCode, text.ExitCode).ShouldBe((0, 0), json.Error + text.Error);
        var batch = JsonElement.Parse(json.Output);
        (batch.GetProperty("id").GetString(), batch.GetProperty("object").GetString(), batch.GetProperty("status").GetString()).ShouldBe(("b", "batch", "in_progress"));
        batch.GetProperty("request_counts").GetProperty("completed").GetInt64().ShouldBe(4);
        text.Output.ShouldContain("b: in_progress");
        text.Output.ShouldContain("5 of 10 rows done, 1 failed");
    }

    [Fact]
    public async Task Batches_SomeAreThere_AreListedNewestFirst()
    {
        var none = await CommandRun.Of(["batches", .. Store]);
        WriteState("in_progress", 10, 4, 1);
        Directory.Delete(_folder["store", "index"], recursive: true);

        var text = await CommandRun.Of(["batches", .. Store]);
        var json = await CommandRun.Of(["batches", "--json", .. Store]);
        var rest = await CommandRun.Of(["batches", "--after", "b", .. Store]);

        (none.ExitCode, text.ExitCode, json.ExitCode, rest.ExitCode).ShouldBe((0, 0, 0, 0), none.Error + text.Error);
        (none.Output, rest.Output).ShouldBe(("", ""));
        text.Output.ShouldBe("b  in_progress  5 of 10 rows done, 1 failed, created 1970-01-01 00:00:01Z" + Environment.NewLine);
        var list = JsonElement.Parse(json.Output);
        list.GetProperty("data")[0].GetProperty("id").GetString().ShouldBe("b");
        (list.GetProperty("first_id").GetString(), list.GetProperty("has_more").GetBoolean()).ShouldBe(("b", false));
    }

    [Theory]
    [InlineData("completed", 0, 0)]
    [InlineData("completed", 1, 1)]
    [InlineData("cancelled", 0, 1)]
    [InlineData("expired", 2, 1)]
    [InlineData("incomplete", 0, 1)]
    [InlineData("failed", 0, 3)]
    public async Task Watch_BatchThatIsOver_ExitsByHowItEnded(string status, int failed, int exitCode)
    {
        WriteState(status, 4, 4 - failed, failed);

        var run = await CommandRun.Of(["watch", "b", "--json", .. Store]);

        run.ExitCode.ShouldBe(exitCode, run.Error);
        JsonElement.Parse(run.Output).GetProperty("status").GetString().ShouldBe(status);
    }

    [Fact]
    public async Task Output_BatchThatRuns_IsRefusedOrPartial()
    {
        WriteState("in_progress", 10, 4, 1);

        var refused = await CommandRun.Of(["output", "b", "--to", _folder["out"], .. Store]);
        var partial = await CommandRun.Of(["output", "b", "--to", _folder["out"], "--partial", "--json", .. Store]);

        refused.ExitCode.ShouldBe(3);
        refused.Error.ShouldContain("5 of 10 rows are done");
        partial.ExitCode.ShouldBe(1, partial.Error);
        JsonElement.Parse(partial.Output).GetProperty("partial").GetBoolean().ShouldBeTrue();
    }

    [Theory]
    [InlineData("submit", "jobs.jsonl", "--priority", "urgent")]
    [InlineData("submit", "jobs.jsonl", "--expires", "soon")]
    [InlineData("submit", "jobs.jsonl", "--metadata", "novalue")]
    [InlineData("submit", "jobs.jsonl", "--max-tokens-total", "0")]
    [InlineData("batches", "--limit", "0")]
    [InlineData("requeue", "dray-dead-letter", "--limit", "0")]
    public async Task Invoke_WrongUse_ExitsWithTwo(params string[] args)
    {
        var run = await CommandRun.Of(args);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldStartWith("dray: ");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Status_StoreInTheConfiguration_IsRelativeToItsFile()
    {
        WriteState("paused", 4, 1, 0);
        var config = _folder.Write("dray.yaml", "store: store\nbroker: amqp://localhost\n");

        var run = await CommandRun.Of("status", "b", "--config", config);

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("dray resume b");
    }

    private string[] Store => ["--store", _folder["store"]];

    private void WriteState(string status, int total, int completed, int failed) => _folder.Write(
        "store/batches/b/state.json",
        $$"""{"batch":{"id":"b","object":"batch","input_file_id":"batches/b/input.jsonl","status":"{{status}}","created_at":1,"request_counts":{"total":{{total}},"completed":{{completed}},"failed":{{failed}}},"usage":{} },"chunks":[]}""");
}
