using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

public sealed class ValidateCommandTests
{
    private static readonly string Samples = Path.Combine(SharedFolder.Repository, "samples", "jobs");

    [Fact]
    public async Task Validate_SampleJobs_CountsTheTokensThatARunUses()
    {
        using var folder = new TemporaryFolder();
        var jobs = Path.Combine(Samples, "demo.jsonl");

        var validated = await CommandRun.Of("validate", jobs, "--json");
        var run = await CommandRun.Of("run", jobs, "--output", folder["out"], "--json");

        validated.ExitCode.ShouldBe(0, validated.Error);
        var report = JsonElement.Parse(validated.Output);
        report.GetProperty("rows").GetInt64().ShouldBe(12);
        report.GetProperty("problems").GetArrayLength().ShouldBe(0);
        var usage = JsonElement.Parse(run.Output).GetProperty("usage");
        report.GetProperty("prompt_tokens").GetProperty("total").GetInt64().ShouldBe(usage.GetProperty("input_tokens").GetInt64());
        report.GetProperty("max_completion_tokens").GetInt64().ShouldBeGreaterThanOrEqualTo(usage.GetProperty("output_tokens").GetInt64());
    }

    [Fact]
    public async Task Validate_BadRowsAmongGoodOnes_RefusesWhatARunRefusesInTheSameWords()
    {
        using var folder = new TemporaryFolder();
        folder.Write("images/text.png", "not a picture");
        await File.WriteAllBytesAsync(folder["images", "huge.png"], new PngFile(30_000, 30_000, 8, PngFile.Rgb).Finish([0]), TestContext.Current.CancellationToken);
        File.Copy(Path.Combine(Samples, "images", "sample-badge.png"), folder["images", "badge.png"]);
        string[] rows =
        [
            Row("good-1", Text("What is 2+2?")),
            "{not json",
            "",
            Row("good-1", Text("A duplicate.")),
            "{\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"messages\":[]}}",
            Row("roles", "[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"}]"),
            Row("sampling", Text("x"), "\"temperature\":7"),
            Row("stream", Text("x"), "\"stream\":true"),
            Row("schema", Text("x"), "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\",\"schema\":{\"type\":\"oject\"}}}"),
            Row("unreadable", Picture("images/text.png")),
            Row("missing", Picture("images/nowhere.png")),
            Row("huge", Picture("images/huge.png")),
            Row("escape", Picture("../secret.png")),
            Row("long", Text(string.Concat(Enumerable.Repeat("many words ", 20_000)))),
            Row("asks-much", Text("x"), "\"max_tokens\":1000000"),
            Row("bias", Text("x"), "\"logit_bias\":{\"99999999\":1}"),
            Row("good-2", Picture("images/badge.png")),
            Row("good-3", Picture("images/badge.png")),
        ];
        var jobs = folder.Write("jobs.jsonl", string.Join('\n', rows));

        var validated = await CommandRun.Of("validate", jobs, "--json");
        var run = await CommandRun.Of("run", jobs, "--output", folder["out"]);

        (validated.ExitCode, run.ExitCode).ShouldBe((1, 1), validated.Error + run.Error);
        var report = JsonElement.Parse(validated.Output);
        var problems = report.GetProperty("problems").EnumerateArray().Select(Describe).ToArray();
        problems.ShouldBe(File.ReadLines(folder["out", "errors.jsonl"]).Select(line => JsonElement.Parse(line).GetProperty("response").GetProperty("body").GetProperty("error")).Select(Describe));
        problems.Length.ShouldBe(14);
        report.GetProperty("problems")[0].GetProperty("line").GetInt64().ShouldBe(2);
        report.GetProperty("problems")[1].GetProperty("line").GetInt64().ShouldBe(4);
        (report.GetProperty("rows").GetInt64(), report.GetProperty("refused").GetInt64(), report.GetProperty("repeated").GetInt64()).ShouldBe((17, 14, 1));
        report.GetProperty("codes").EnumerateObject().Sum(code => code.Value.GetInt64()).ShouldBe(14);
    }

    [Fact]
    public async Task Validate_ManyProblems_PrintsSomeAndCountsAll()
    {
        using var folder = new TemporaryFolder();
        var jobs = folder.Write("jobs.jsonl", string.Join('\n', Enumerable.Repeat("oops", 30)));

        var run = await CommandRun.Of("validate", jobs, "--max-problems", "3");

        run.ExitCode.ShouldBe(1);
        var lines = run.Output.Split('\n');
        lines.Count(line => line.StartsWith("line ", StringComparison.Ordinal)).ShouldBe(3);
        run.Output.ShouldContain("... and 27 more");
        run.Output.ShouldContain("30 rows: 0 would run, 30 would fail");
    }

    [Fact]
    public async Task Validate_Measured_EstimatesTheTimeOfAllRows()
    {
        var run = await CommandRun.Of("validate", Path.Combine(Samples, "demo.jsonl"), "--measure", "2", "--tok-s", "100", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var report = JsonElement.Parse(run.Output);
        report.GetProperty("measured_rows").GetInt64().ShouldBe(2);
        report.GetProperty("estimate_s").GetDouble().ShouldBeGreaterThan(0);
        report.GetProperty("longest_s").GetDouble().ShouldBe(report.GetProperty("max_completion_tokens").GetInt64() / 100.0, tolerance: 0.06);
    }

    [Fact]
    public async Task Validate_ServedModelNames_RefusesOtherModels()
    {
        using var folder = new TemporaryFolder();
        var jobs = folder.Write("jobs.jsonl", Row("a", Text("x"), "\"model\":\"other\"") + "\n" + Row("b", Text("y"), "\"model\":\"mine\""));
        var config = folder.Write("dray.yaml", "served_model_name: mine\n");

        var run = await CommandRun.Of("validate", jobs, "--config", config, "--model", Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo"));

        run.ExitCode.ShouldBe(1, run.Error);
        run.Output.ShouldStartWith("line 1 (a): model_not_found: ");
    }

    [Theory]
    [InlineData("nowhere.jsonl", null)]
    [InlineData("jobs.jsonl", "")]
    public async Task Validate_InputRefusedAsAWhole_ExitsWithThree(string name, string? content)
    {
        using var folder = new TemporaryFolder();
        if (content is not null) folder.Write(name, content);

        var run = await CommandRun.Of("validate", folder[name]);

        run.ExitCode.ShouldBe(3);
        run.Error.ShouldContain(name);
        run.Output.ShouldBeEmpty();
    }

    private static (string? Code, string? Message, string? Param) Describe(JsonElement error) =>
        (error.GetProperty("code").GetString(), error.GetProperty("message").GetString(), error.GetProperty("param").GetString());

    private static string Row(string id, string messages, string? more = null) =>
        $$"""{"custom_id":"{{id}}","method":"POST","url":"/v1/chat/completions","body":{"messages":{{messages}}{{(more is null ? ",\"max_tokens\":16" : "," + more)}}} }""";

    private static string Text(string content) => JsonSerializer.Serialize(new[] { new { role = "user", content } });

    private static string Picture(string url) => JsonSerializer.Serialize(new[]
    {
        new { role = "user", content = new[] { new { type = "image_url", image_url = new { url } } } },
    });
}
