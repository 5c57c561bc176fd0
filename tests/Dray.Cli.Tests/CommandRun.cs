using Dray.Inference.Compute;

namespace Dray.Cli.Tests;

/// <summary>What one run of the command line printed and how it ended.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static Task<CommandRun> Of(params string[] args) => On(null, args);

    /// <summary>With another backend than the configured one.</summary>
    public static async Task<CommandRun> On(Func<IComputeBackend>? createBackend, params string[] args)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exitCode = await DrayCommandLine.InvokeAsync(args, output, error, createBackend is null ? null : (_, _) => createBackend());
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }
}
