using System.CommandLine;

namespace Dray.Cli;

/// <summary>Values for a shell to offer: those that the help of an option or argument lists, as in <c>text|json</c>.</summary>
internal static class ValueCompletions
{
    /// <summary>Adds them to a command and all below it.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in command.Options.Where(option => Lists(option.HelpName))) option.CompletionSources.Add(option.HelpName!.Split('|'));
        foreach (var below in command.Subcommands) AddTo(below);
    }

    private static bool Lists(string? helpName) => helpName?.Contains('|', StringComparison.Ordinal) == true;
}
