using Dray.Cli.Drill;

namespace Dray.Cli.Tests.Faults;

/// <summary>A worker whose clock jumps, by Debian's faketime.</summary>
[Collection(nameof(WorkerProcess))]
public sealed class ClockFaultTests : IDisposable
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("+3600s")]
    [InlineData("-3600s")]
    public async Task Batch_ClockJumpsAnHour_CompletesAndDoesNotExpire(string jump)
    {
        RequiredServices.Demand(File.Exists(Library), "faketime");
        var clock = _folder.Write("clock", "+0s\n");
        await using var bench = await FaultBench.StartAsync(_folder["store"], Token);
        await bench.StartWorkerAsync(
            Token, ("LD_PRELOAD", Library), ("FAKETIME_TIMESTAMP_FILE", clock), ("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"));
        await bench.SubmitAsync(Token, DateTimeOffset.UtcNow.AddMinutes(20).ToUnixTimeSeconds());
        await bench.WaitForChunksAsync(2, Token);

        _folder.Write("clock", jump + "\n");

        await bench.ShouldCompleteAsync(Token);
        var clocks = DateTimeOffset.FromUnixTimeSeconds((await bench.ManifestAsync(Token)).Batch.CompletedAt!.Value) - DateTimeOffset.UtcNow;
        clocks.Duration().ShouldBeGreaterThan(TimeSpan.FromMinutes(50), "the worker's clock jumped");
    }
}
