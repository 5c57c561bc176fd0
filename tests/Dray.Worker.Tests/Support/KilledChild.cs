using System.Diagnostics;
using Dray.Inference;
using Dray.Worker.Embedded;

namespace Dray.Worker.Tests.Support;

/// <summary>
/// An embedded batch in a process of its own: this test program again, told by its environment to run a batch instead of tests.
/// It says which prompts are answered; one that contains "wait" never is.
/// </summary>
internal static class KilledChild
{
    private const string JobsVariable = "DRAY_TEST_CHILD_JOBS";
    private const string OutputVariable = "DRAY_TEST_CHILD_OUTPUT";
    private const string Waiting = "waiting";

    /// <summary>Runs a batch until the prompt that waits has come, then kills the process.</summary>
    public static async Task RunAsync(string jobs, string output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        start.Environment[JobsVariable] = jobs;
        start.Environment[OutputVariable] = output;
        using var child = Process.Start(start)!;
        try
        {
            string? line;
            while ((line = await child.StandardOutput.ReadLineAsync(cancellationToken)) is not null && line != Waiting)
            {
            }

            line.ShouldBe(Waiting);
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(cancellationToken);
        }
    }

    /// <summary>Runs a batch in one process after the other, until one lives to its end: a prompt that contains "die" kills the process.</summary>
    /// <returns>How many processes died.</returns>
    public static async Task<int> RunUntilDoneAsync(string jobs, string output, int mostDeaths, CancellationToken cancellationToken)
    {
        for (var deaths = 0; ; deaths++)
        {
            deaths.ShouldBeLessThanOrEqualTo(mostDeaths);
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            start.Environment[JobsVariable] = jobs;
            start.Environment[OutputVariable] = output;
            using var child = Process.Start(start)!;
            await child.StandardOutput.ReadToEndAsync(cancellationToken);
            await child.WaitForExitAsync(cancellationToken);
            if (child.ExitCode == 0) return deaths;
        }
    }

    /// <summary>Runs the batch, if this process is a child.</summary>
    public static async Task<bool> RunWhereToldAsync()
    {
        if (Environment.GetEnvironmentVariable(JobsVariable) is not { } jobs) return false;
        var engine = new EngineFake
        {
            Before = async (prompt, token) =>
            {
                if (prompt.Contains("die", StringComparison.Ordinal)) Process.GetCurrentProcess().Kill();
                if (!prompt.Contains("wait", StringComparison.Ordinal)) return;
                Console.WriteLine(Waiting);
                await Task.Delay(Timeout.Infinite, token);
            },
        };
        var options = new EmbeddedBatchOptions
        {
            JobsFile = jobs,
            OutputFolder = Environment.GetEnvironmentVariable(OutputVariable)!,
            Worker = new WorkerOptions { MaxRowsInFlight = 1, ConcurrentChunks = 1, ChunkRows = 4 },
        };
        await new EmbeddedBatch(options, _ => Task.FromResult<IInferenceEngine>(engine)).RunAsync();
        return true;
    }
}
