using System.Diagnostics;

namespace Dray.Tests.Services;

/// <summary>Starts a server and waits until it says that it serves.</summary>
internal static class ServerProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="start">What to start.</param>
    /// <param name="name">The server's name, for the message where it doesn't start.</param>
    /// <param name="ready">What it prints, in a line, once it serves.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<Process> StartAsync(ProcessStartInfo start, string name, string ready, CancellationToken cancellationToken)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        var process = Process.Start(start)!;
        var output = new Queue<string>();
        var isReady = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(string? line)
        {
            if (line is null) return;
            lock (output) output.Enqueue(line);
            if (line.Contains(ready, StringComparison.Ordinal)) isReady.TrySetResult(true);
        }

        process.OutputDataReceived += (_, data) => Read(data.Data);
        process.ErrorDataReceived += (_, data) => Read(data.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => isReady.TrySetResult(false);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            if (await isReady.Task.WaitAsync(Patience, cancellationToken)) return process;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        lock (output) throw new InvalidOperationException($"{name} did not start: {string.Join('\n', output)}");
    }
}
