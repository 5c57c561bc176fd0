using System.Diagnostics;
using System.Text.Json;
using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Tests.Compute;

namespace Dray.Cli.Tests.Commands;

public sealed class RunCommandTests(ITestOutputHelper output)
{
    private static readonly string Samples = Path.Combine(SharedFolder.Repository, "samples", "jobs");

    [Fact]
    public async Task Run_SampleJobs_AnswersAsUpstreamAndResumesWithoutWork()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["run", Path.Combine(Samples, "demo.jsonl"), "--output", folder["out"], "--kv-cache-dtype", "fp32", "--json"];

        var first = await CommandRun.Of(command);
        var again = await CommandRun.Of(command);

        (first.ExitCode, again.ExitCode).ShouldBe((0, 0), first.Error + again.Error);
        var summary = JsonElement.Parse(first.Output);
        summary.GetProperty("request_counts").GetProperty("completed").GetInt32().ShouldBe(12);
        summary.GetProperty("usage").GetProperty("output_tokens").GetInt32().ShouldBeGreaterThan(100);
        summary.GetProperty("completion_tok_s").GetDouble().ShouldBeGreaterThan(0);
        JsonElement.Parse(again.Output).GetProperty("rows_resumed").GetInt32().ShouldBe(12);
        Answers.Differences(folder["out", "output.jsonl"], Path.Combine(Samples, "demo-reference.jsonl")).ShouldBeEmpty();
        File.ReadAllText(folder["out", "errors.jsonl"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_DeviceIsLost_LeavesWith5AndGoesOnNextTime()
    {
        using var folder = new TemporaryFolder();
        string[] command = ["run", Path.Combine(Samples, "demo.jsonl"), "--output", folder["out"], "--kv-cache-dtype", "fp32"];
        var steps = 0;
        IComputeBackend Breaking() => new InterceptedBackend(new CpuBackend(), operation =>
        {
            if (operation == nameof(IComputeBackend.Gather) && ++steps == 40) throw new DeviceLostException("The test's device is gone.");
        });

        var broken = await CommandRun.On(Breaking, command);
        var mended = await CommandRun.Of(command);

        (broken.ExitCode, mended.ExitCode).ShouldBe((5, 0), broken.Error + mended.Error);
        broken.Error.ShouldContain("dray: The test's device is gone. Finished rows are kept; run again to go on.");
        Answers.Differences(folder["out", "output.jsonl"], Path.Combine(Samples, "demo-reference.jsonl")).ShouldBeEmpty();
        File.ReadAllText(folder["out", "errors.jsonl"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_HeldOutJobs_AnswersAsUpstream()
    {
        var jobs = SharedFolder.Require("models", "dray-demo", "heldout-dev", "batch.jsonl");
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", jobs, "--output", folder["out"], "--kv-cache-dtype", "fp32");

        run.ExitCode.ShouldBe(0, run.Error);
        Answers.Differences(folder["out", "output.jsonl"], SharedFolder.Require("models", "dray-demo-w4a16", "reference-dev.jsonl")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_SampleJobsWithTheDefaultFp8KvCache_AnswersAsUpstream()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of("run", Path.Combine(Samples, "demo.jsonl"), "--output", folder["out"]);

        run.ExitCode.ShouldBe(0, run.Error);
        Answers.Differences(folder["out", "output.jsonl"], Path.Combine(Samples, "demo-reference.jsonl")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_HeldOutJobsWithTheDefaultFp8KvCache_LosesLessThanOnePointOfAccuracy()
    {
        using var folder = new TemporaryFolder();

        var (right, of) = await HeldOutJobs.ScoreAsync(folder["out"]);

        output.WriteLine(string.Join('\n', Answers.Differences(folder["out", "output.jsonl"], SharedFolder.Require("models", "dray-demo-w4a16", "reference-dev.jsonl"))));
        output.WriteLine($"{right} of {of}");
        of.ShouldBe(180);
        right.ShouldBeGreaterThanOrEqualTo(161 - 1, "float32 gets 161 right");
    }

    [Fact]
    public async Task Run_BadRowsAmongGoodOnes_OneErrorRowEachAndTheRestFinishes()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["images"]);
        File.Copy(Path.Combine(Samples, "images", "sample-badge.png"), folder["images", "badge.png"]);
        await File.WriteAllTextAsync(folder["images", "text.png"], "not a picture", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(folder["images", "huge.png"], new PngFile(30_000, 30_000, 8, PngFile.Rgb).Finish([0]), TestContext.Current.CancellationToken);
        (string? Code, string Line)[] rows =
        [
            (null, Row("good-1", Text("What is 2+2? One word."))),
            ("invalid_request", "{not json"),
            ("invalid_request", Row("good-1", Text("A duplicate."))),
            ("invalid_request", "{\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"messages\":[]}}"),
            ("invalid_request", Row("bad-url", Text("x")).Replace("chat/completions", "embeddings", StringComparison.Ordinal)),
            ("invalid_request", Row("bad-roles", "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]")),
            ("image_invalid", Row("unreadable", Pictures("images/text.png"))),
            ("image_not_found", Row("missing", Pictures("images/nowhere.png"))),
            ("invalid_request", Row("five", Pictures([.. Enumerable.Repeat("images/badge.png", 5)]))),
            ("content_too_large", Row("huge", Pictures("images/huge.png"))),
            ("context_length_exceeded", Row("long", Text(string.Concat(Enumerable.Repeat("many words ", 20_000))))),
            ("invalid_request", Row("escape", Pictures("../secret.png"))),
            ("invalid_request", Row("absolute", Pictures("/etc/passwd"))),
            ("invalid_request", Row("scheme", Pictures("file:///etc/passwd"))),
            (null, Row("good-2", Pictures("images/badge.png"))),
        ];
        await File.WriteAllLinesAsync(folder["jobs.jsonl"], rows.Select(row => row.Line), TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("run", folder["jobs.jsonl"], "--output", folder["out"]);

        run.ExitCode.ShouldBe(1, run.Error);
        File.ReadLines(folder["out", "output.jsonl"]).Count().ShouldBe(2);
        var errors = File.ReadLines(folder["out", "errors.jsonl"]).Select(line => JsonElement.Parse(line)).ToArray();
        errors.Select(Code).ShouldBe(rows.Where(row => row.Code is not null).Select(row => row.Code!));
        errors.Select(error => error.GetProperty("custom_id").GetString()).ShouldBeUnique();
        errors.ShouldAllBe(error => Message(error).EndsWith('.'));
    }

    [Theory]
    [InlineData(2, "run")]
    [InlineData(2, "run", "jobs.jsonl", "--colour")]
    [InlineData(2, "run", "jobs.jsonl", "--device", "abacus")]
    [InlineData(2, "frobnicate")]
    [InlineData(3, "run", "no-such-file.jsonl")]
    [InlineData(3, "inspect", "no-such-folder")]
    [InlineData(3, "tokenize", "--model", "no-such-folder", "--text", "x")]
    public async Task Invoke_WrongUse_ExitsWithItsCodeAndASentence(int exitCode, params string[] args)
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.Of(args[0] == "run" ? [.. args, "--output", folder["out"]] : args);

        run.ExitCode.ShouldBe(exitCode);
        run.Error.ShouldStartWith("dray: ");
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_ModelThatIsNoCheckpoint_IsRefusedByName()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["model"]);

        var run = await CommandRun.Of("run", Path.Combine(Samples, "demo.jsonl"), "--model", folder["model"], "--output", folder["out"]);

        run.ExitCode.ShouldBe(3);
        run.Error.ShouldContain("config.json");
    }

    private static string Code(JsonElement row) => Error(row).GetProperty("code").GetString()!;

    private static string Message(JsonElement row) => Error(row).GetProperty("message").GetString()!;

    private static JsonElement Error(JsonElement row) => row.GetProperty("response") is { ValueKind: JsonValueKind.Object } response
        ? response.GetProperty("body").GetProperty("error")
        : row.GetProperty("error");

    private static string Row(string id, string messages) =>
        $$"""{"custom_id":"{{id}}","method":"POST","url":"/v1/chat/completions","body":{"messages":{{messages}},"max_tokens":64,"temperature":0} }""";

    private static string Text(string content) => JsonSerializer.Serialize(new[] { new { role = "user", content } });

    private static string Pictures(params string[] urls) => JsonSerializer.Serialize(new[]
    {
        new { role = "user", content = urls.Select(url => new { type = "image_url", image_url = new { url } }) },
    });
}
