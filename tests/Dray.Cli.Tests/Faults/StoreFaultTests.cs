using Dray.Cli.Drill;
using Dray.Tests.Services;
using Dray.Worker.Tests.Support;

namespace Dray.Cli.Tests.Faults;

/// <summary>The store goes away while a worker runs a batch, or is full.</summary>
[Collection(nameof(WorkerProcess))]
public sealed class StoreFaultTests
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batch_BlobServerAwayForHalfAMinute_Completes()
    {
        RequiredServices.Demand(AzuriteServer.IsInstalled, "blob server");
        await using var azurite = await AzuriteServer.StartAsync(cancellationToken: Token);
        await using var bench = await FaultBench.StartAsync(azurite.ConnectionString, Token);
        await bench.StartWorkerAsync(Token);
        await bench.SubmitAsync(Token);
        await bench.WaitForChunksAsync(2, Token);

        await azurite.StopAsync();
        await Task.Delay(Outage, Token);
        await azurite.StartAgainAsync(Token);

        await bench.ShouldCompleteAsync(Token);
    }

    [Fact]
    public async Task Batch_DiskFullForAWhile_CompletesAndNothingHalfWrittenStays()
    {
        using var disk = new TinyDisk();
        await using var bench = await FaultBench.StartAsync(Path.Combine(disk.Path, "store"), Token);
        var worker = await bench.StartWorkerAsync(Token);
        await bench.SubmitAsync(Token);
        await bench.WaitForChunksAsync(2, Token);

        var filler = Path.Combine(disk.Path, "filler");
        await bench.WaitAsync(
            () =>
            {
                Fill(filler);
                return Task.FromResult(worker.LastLines.Any(line => line.Contains("goes back to it", StringComparison.Ordinal)));
            },
            Token);
        File.Delete(filler);

        await bench.ShouldCompleteAsync(Token);
        Directory.EnumerateFiles(disk.Path, ".tmp-*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    private static void Fill(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true) stream.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // That is all there was.
        }
    }
}
