using Dray.Cli.Drill;
using Dray.Worker.Events;

namespace Dray.Cli.Tests.Faults;

/// <summary>The broker goes away while workers run a batch, or takes no events.</summary>
[Collection(nameof(WorkerProcess))]
public sealed class BrokerFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Batch_BrokerKilledThreeTimes_Completes()
    {
        await using var bench = await FaultBench.StartAsync(_folder["store"], Token);
        await bench.StartWorkerAsync(Token);
        await bench.StartWorkerAsync(Token);
        await bench.SubmitAsync(Token);
        foreach (var chunks in new[] { 1, 3, 5 })
        {
            await bench.WaitForChunksAsync(chunks, Token);
            await bench.Node.StopAsync();
            await bench.Node.StartAgainAsync(Token);
        }

        await bench.ShouldCompleteAsync(Token);
    }

    [Fact]
    public async Task Batch_NoEventGetsOutForHalfAMinute_Completes()
    {
        await using var bench = await FaultBench.StartAsync(_folder["store"], Token);
        await bench.StartWorkerAsync(Token, (ChaosSettings.Variable, """{"fault_rate":1,"window_seconds":30,"seed":7}"""));

        await bench.SubmitAsync(Token);

        await bench.ShouldCompleteAsync(Token);
    }
}
