using System.Text.RegularExpressions;

namespace Dray.Cli.Tests;

public sealed partial class OverviewTests
{
    [Fact]
    public async Task Dray_NoArguments_ShowsWhatItCanDo()
    {
        var run = await CommandRun.Of();

        run.ExitCode.ShouldBe(0);
        run.Error.ShouldBeEmpty();
        run.Output.ShouldContain("dray run samples/jobs/demo.jsonl");
        run.Output.ShouldContain("dray --help");
        foreach (var command in Commands().Matches(run.Output).Select(match => match.Groups[1].Value).Distinct())
            (await CommandRun.Of(command, "--help")).ExitCode.ShouldBe(0, command);
    }

    [Theory]
    [InlineData("sumbit", "submit")]
    [InlineData("docter", "doctor")]
    public async Task Dray_Misspelt_SuggestsTheNearestCommand(string typed, string meant)
    {
        var run = await CommandRun.Of(typed);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain($"Did you mean '{meant}'?");
    }

    [Fact]
    public async Task Dray_MisspeltOption_SuggestsTheNearest() =>
        (await CommandRun.Of("run", "jobs.jsonl", "--modle", "x")).Error.ShouldContain("Did you mean '--model'?");

    [Fact]
    public async Task Dray_Version_IsPrinted() => (await CommandRun.Of("--version")).ExitCode.ShouldBe(0);

    [GeneratedRegex("dray ([a-z]+)")]
    private static partial Regex Commands();
}
