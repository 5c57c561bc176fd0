using System.Text.Json;

namespace Dray.Cli.Tests.Commands;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task Throughput_TwoLevels_PrintsTheContractsKeys()
    {
        var run = await CommandRun.Of("bench", "throughput", "--concurrency", "1,3", "--requests", "4", "--max-tokens", "5", "--prompt-tokens", "40", "--max-model-len", "1024", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var levels = JsonElement.Parse(run.Output).GetProperty("results").EnumerateArray().ToArray();
        levels.Select(level => level.GetProperty("concurrency").GetInt32()).ShouldBe([1, 3]);
        foreach (var level in levels)
        {
            (level.GetProperty("success").GetInt32(), level.GetProperty("requests").GetInt32()).ShouldBe((4, 4));
            (level.GetProperty("completion_tokens").GetInt32(), level.GetProperty("prompt_tokens").GetInt32()).ShouldBe((20, 160));
            foreach (var key in new[] { "aggregate_tok_s", "prompt_tok_s" }) level.GetProperty(key).GetDouble().ShouldBePositive();
            foreach (var key in new[] { "avg", "min", "max", "p50", "p95", "p99" }) level.GetProperty("latency").GetProperty(key).GetDouble().ShouldBePositive();
            level.GetProperty("per_request").GetProperty("max").GetDouble().ShouldBeGreaterThanOrEqualTo(level.GetProperty("per_request").GetProperty("min").GetDouble());
        }
    }

    [Fact]
    public async Task Throughput_WithoutJson_PrintsATable()
    {
        var run = await CommandRun.Of("bench", "throughput", "--concurrency", "2", "--requests", "2", "--max-tokens", "2", "--max-model-len", "1024");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("| concurrency | success |");
        run.Output.ShouldContain("| 2 | 2 of 2 |");
    }

    [Theory]
    [InlineData("--concurrency", "one", "--concurrency is one, but it must be numbers with commas between them, such as 1,8,32.")]
    [InlineData("--concurrency", "0", "The concurrency is '0', but it must be numbers from 1 to 4096.")]
    [InlineData("--requests", "0", "The number of requests is 0, but it must be from 1 to 1000000.")]
    [InlineData("--max-tokens", "0", "The tokens to generate are 0, but every request must make at least 1.")]
    [InlineData("--prompt-tokens", "3", "A prompt takes 3 tokens for the chat format alone, but is to have 3; give at least 4.")]
    public async Task Throughput_WrongNumber_ExitsWithASentence(string option, string value, string sentence)
    {
        var run = await CommandRun.Of("bench", "throughput", option, value);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldBe($"dray: {sentence}\n");
    }

    [Fact]
    public async Task Throughput_LongerThanTheContext_SaysWhatToLower()
    {
        var run = await CommandRun.Of("bench", "throughput", "--prompt-tokens", "900", "--max-tokens", "200", "--max-model-len", "1024");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("lower --prompt-tokens or --max-tokens");
    }
}
