namespace Dray.Cli;

/// <summary>A command that can't go on: the sentence to print and the exit code to leave with.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
