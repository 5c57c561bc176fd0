using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Hosting;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Hosting;

public sealed class WorkerHostTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_DeviceIsLost_WorkGoesBackUnblamedAndTheHostEnds()
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        var engine = new EngineFake { LosesDeviceOn = "prompt 5" };
        var host = Host(bench, engine).RunAsync(Token);

        await bench.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(12), Token);
        var lost = await Should.ThrowAsync<DeviceLostException>(() => host);

        lost.ShouldBeSameAs(await engine.DeviceLost);
        engine.IsDisposed.ShouldBeTrue();
        await bench.WaitForQueueAsync("dray-run-chunk-normal", 2, Token);

        var next = await bench.StartWorkerAsync(Token);
        var (completed, _) = await bench.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.ShouldBe(new() { Total = 12, Completed = 12 });
        await bench.ShouldBeWholeAsync("b1", 12, Token);
        next.Engine.Calls.Keys.ShouldContain("prompt 5");
    }

    [Fact]
    public async Task RunAsync_DeviceIsLostUnderAJob_TheJobIsAnsweredByTheNextWorker()
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        var host = Host(bench, new EngineFake { LosesDeviceOn = "hello" }).RunAsync(Token);
        var body = System.Text.Json.JsonElement.Parse(JobLines.Line("x", "hello")).GetProperty("body");

        await bench.Client.PublishAsync(new RunJob { JobId = "j1", Body = body }, JobPriority.Normal, Token);
        await Should.ThrowAsync<DeviceLostException>(() => host);
        (await bench.Store.ExistsAsync(BatchPaths.Job("j1"), Token)).ShouldBeFalse();
        await bench.StartWorkerAsync(Token);

        (await bench.Events.NextAsync<JobCompleted>(Token)).Message.JobId.ShouldBe("j1");
    }

    private static WorkerHost Host(BrokerBench bench, EngineFake engine) => new(
        new WorkerHostOptions
        {
            Broker = bench.Broker,
            Store = BlobStoreLocation.Parse(bench.StoreFolder),
            Worker = new WorkerOptions { ChunkRows = 4, ConcurrentChunks = 1, MaxRowsInFlight = 2 },
            Port = 0,
        },
        (_, _) => Task.FromResult<IInferenceEngine>(engine));
}
