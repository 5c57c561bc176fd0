using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Worker.Input;

namespace Dray.Cli.Terminal;

/// <summary>What is wrong with a command line, and what may have been meant.</summary>
internal static class UsageErrors
{
    public static async Task WriteAsync(ParseResult parsed, TextWriter error)
    {
        foreach (var problem in parsed.Errors) await error.WriteLineAsync($"dray: {problem.Message}");
        var command = parsed.CommandResult.Command;
        var names = command.Subcommands.Select(known => known.Name).Concat(command.Options.Select(option => option.Name)).ToList();
        foreach (var token in parsed.UnmatchedTokens)
        {
            if (NearestName.Of(token, names) is { } nearest) await error.WriteLineAsync($"Did you mean '{nearest}'?");
        }

        await error.WriteLineAsync("Try 'dray --help', or --help after a command.");
    }
}
