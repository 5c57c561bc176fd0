using Dray.Cli.Tests.Deploy;

namespace Dray.Cli.Tests.Commands;

public sealed class CompletionCommandTests
{
    private static string Program => Path.Combine(AppContext.BaseDirectory, "dray.dll");

    [Theory]
    [InlineData("dray doc", "doctor")]
    [InlineData("dray run --dev", "--device")]
    [InlineData("dray run --kv-cache-dtype f", "fp8_e4m3")]
    [InlineData("dray submit jobs.jsonl --priority ", "high")]
    [InlineData("dray eval k", "kld")]
    [InlineData("dray completion f", "fish")]
    public async Task Completion_InBash_OffersCommandsOptionsAndValues(string line, string offered)
    {
        var script =
            """
            program=$1
            dray() { dotnet "$program" "$@"; }
            source <(dray completion bash)
            COMP_LINE=$2 COMP_POINT=${#2}
            read -ra COMP_WORDS <<< "$2"
            [[ $2 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _dray
            printf '%s\n' "${COMPREPLY[@]}"
            complete -p dray
            """;

        var run = await ProgramRun.OfAsync("bash", ["-c", script, "bash", Program, line], TestContext.Current.CancellationToken);

        run.Error.ShouldBeEmpty();
        run.Output.Split('\n').ShouldContain(offered);
        run.Output.ShouldContain("-F _dray dray");
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task Completion_EachShell_HasAScript(string shell)
    {
        var run = await CommandRun.Of("completion", shell);

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldContain("[suggest:");
    }

    [Fact]
    public async Task Completion_OtherShell_IsRefused() => (await CommandRun.Of("completion", "csh")).ExitCode.ShouldBe(2);
}
