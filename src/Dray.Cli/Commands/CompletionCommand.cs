using System.CommandLine;
using System.Reflection;

namespace Dray.Cli.Commands;

/// <summary><c>dray completion</c>: a script for a shell, which asks <c>dray</c> itself what may come next.</summary>
internal static class CompletionCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = $"{string.Join(", ", Shells)}.", HelpName = string.Join('|', Shells) };
        shell.AcceptOnlyFromAmong(Shells);
        var command = new Command("completion", "Print a script that completes commands, options and their values: source <(dray completion bash).") { shell };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var script = Assembly.GetExecutingAssembly().GetManifestResourceStream($"completion.{parsed.GetRequiredValue(shell)}")!;
            using var reader = new StreamReader(script);
            await parsed.InvocationConfiguration.Output.WriteAsync(await reader.ReadToEndAsync(cancellationToken));
            return ExitCode.Done;
        });
        return command;
    }
}
