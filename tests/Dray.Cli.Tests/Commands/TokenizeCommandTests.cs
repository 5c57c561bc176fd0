using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

public sealed class TokenizeCommandTests
{
    [Fact]
    public async Task Tokenize_Text_PrintsIdsCountAndText()
    {
        var run = await CommandRun.Of("tokenize", "--text", "Hello [INST] world", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var printed = JsonElement.Parse(run.Output);
        printed.GetProperty("text").GetString().ShouldBe("Hello [INST] world");
        printed.GetProperty("count").GetInt32().ShouldBe(printed.GetProperty("ids").GetArrayLength());
        printed.GetProperty("ids").EnumerateArray().ShouldNotContain(id => id.GetInt32() < 64);
    }

    [Fact]
    public async Task Tokenize_Lines_AnswersEachAndNamesWhatIsWrong()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(
            folder["lines.jsonl"],
            ["{\"text\":\"Hello\"}", "{\"ids\":[1,3,4]}", "{\"request\":{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}}", "{nonsense", "{\"ids\":[-1]}", "{\"text\":5}"],
            TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("tokenize", "--jsonl", folder["lines.jsonl"]);

        run.ExitCode.ShouldBe(0, run.Error);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToArray();
        lines[0].GetProperty("ids").GetArrayLength().ShouldBePositive();
        lines[1].GetProperty("text").GetString().ShouldBe("<s>[INST][/INST]");
        lines[2].GetProperty("image_count").GetInt32().ShouldBe(0);
        foreach (var bad in lines[3..]) bad.GetProperty("error").GetProperty("code").GetString().ShouldBe("invalid_request");
    }

    /// <summary>Every chat request that upstream was asked, pictures included, through the command.</summary>
    [Fact]
    public async Task Tokenize_GoldenChatRequests_GivesUpstreamsIds()
    {
        var goldens = File.ReadLines(SharedFolder.Require("goldens", "chat", "chat.jsonl")).Select(line => JsonElement.Parse(line)).ToArray();
        using var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["requests.jsonl"], goldens.Select(golden => $$"""{"request":{{golden.GetProperty("request")}}}"""), TestContext.Current.CancellationToken);

        var run = await CommandRun.Of("tokenize", "--model", SharedFolder.Require("goldens", "tekken"), "--jsonl", folder["requests.jsonl"]);

        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToArray();
        lines.Length.ShouldBe(goldens.Length);
        foreach (var (golden, line) in goldens.Zip(lines))
        {
            var name = golden.GetProperty("name").GetString();
            var expected = golden.TryGetProperty("vllm_expected", out var vllm) ? vllm : golden;
            if (expected.TryGetProperty("error", out _))
            {
                line.TryGetProperty("error", out _).ShouldBeTrue(name);
                continue;
            }

            if (expected.TryGetProperty("expected", out var inner)) expected = inner;
            line.TryGetProperty("ids", out var ids).ShouldBeTrue($"{name}: {line}");
            ids.EnumerateArray().Select(id => id.GetInt32()).ShouldBe(expected.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()), name);
            line.GetProperty("image_count").GetInt32().ShouldBe(expected.GetProperty("image_count").GetInt32(), name);
        }
    }
}
