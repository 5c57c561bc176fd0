using System.Diagnostics;
using Dray.Inference;
using Dray.Worker;
using Dray.Worker.Hosting;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Benchmarks.Queue;

/// <summary>A worker with an engine that answers at once, in a process of its own: this program again.</summary>
internal sealed class WorkerChild : IDisposable
{
    /// <summary>What tells this program to be a worker.</summary>
    public const string Verb = "queue-worker";

    private readonly Process _process;

    private WorkerChild(Process process) => _process = process;

    /// <summary>Is the worker, until killed.</summary>
    public static Task RunAsync(string broker, string store, string clock) => new WorkerHost(
        new WorkerHostOptions
        {
            Broker = BrokerOptions.Parse(broker),
            Store = BlobStoreLocation.Parse(store),
            Worker = new WorkerOptions(),
            Port = 0,
        },
        (_, _) => Task.FromResult<IInferenceEngine>(new InstantEngine(clock))).RunAsync(CancellationToken.None);

    /// <summary>Starts a worker and waits until it serves.</summary>
    public static async Task<WorkerChild> StartAsync(Uri broker, string store, string clock)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Verb, broker.AbsoluteUri, store, clock]) { RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        string? line;
        do line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The worker ended before it served.");
        while (!line.Contains("serves", StringComparison.Ordinal));

        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return new WorkerChild(process);
    }

    /// <summary>Resident memory now, or the most there was, in MiB.</summary>
    public double MemoryMiB(bool peak)
    {
        var name = peak ? "VmHWM:" : "VmRSS:";
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], System.Globalization.CultureInfo.InvariantCulture) / 1024;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
