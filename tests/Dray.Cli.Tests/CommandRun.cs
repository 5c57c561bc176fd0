namespace Dray.Cli.Tests;

/// <summary>What one run of the command line printed and how it ended.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static async Task<CommandRun> Of(params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exitCode = await DrayCommandLine.InvokeAsync(args, output, error);
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }
}
