using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using Dray.Worker.Transport;

namespace Dray.Worker.Tests.Transport;

/// <summary>What becomes of deliveries on a real broker.</summary>
public sealed class BrokerDeliveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ControlMessages_PlainJson_DoOnlyWhatTheirExchangeSays()
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        var held = new HeldRows();
        var worker = await bench.StartWorkerAsync(Token, options => (options.ConcurrentChunks, options.MaxRowsInFlight) = (1, 1), held.Engine());
        await bench.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(6), Token);
        await held.StartedAsync("prompt 0", Token);

        await bench.PublishRawAsync(typeof(PauseBatch), "", """{"batch_id":"b1"}""", Token);
        await Until.TrueAsync(async () => (await bench.StateAsync("b1", Token))!.Batch.Status == BatchStatus.Paused, Token);
        held.ReleaseAll();
        await bench.WaitForQueueAsync("dray-run-chunk-normal", 0, Token);
        (await bench.StateAsync("b1", Token))!.Batch.CancellingAt.ShouldBeNull();
        await bench.PublishRawAsync(typeof(ResumeBatch), "", """{"batch_id":"b1"}""", Token);
        var (completed, _) = await bench.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.ShouldBe(new() { Total = 6, Completed = 6 });
        worker.Engine.Calls.Values.ShouldAllBe(calls => calls == 1);
    }

    [Fact]
    public async Task RunJob_PlainJsonWithoutKeyOrHeaders_RunsAtNormalPriority()
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        await bench.StartWorkerAsync(Token);
        var body = JsonElement.Parse(JobLines.Line("x", "plain")).GetProperty("body").GetRawText();

        await bench.PublishRawAsync(typeof(RunJob), "", $$"""{"job_id":"raw-1","body":{{body}}}""", Token);
        var (completed, id) = await bench.Events.NextAsync<JobCompleted>(Token);

        (completed.JobId, completed.EventId).ShouldBe(("raw-1", id));
    }

    [Theory]
    [InlineData(JobPriority.Low)]
    [InlineData(JobPriority.Normal)]
    [InlineData(JobPriority.High)]
    public async Task SubmitBatch_Priority_GoesThroughItsOwnQueue(JobPriority priority)
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        var held = new HeldRows();
        await bench.StartWorkerAsync(Token, options => (options.ConcurrentChunks, options.MaxRowsInFlight) = (1, 1), held.Engine());

        await bench.SubmitAsync(new SubmitBatch { BatchId = "b1", Priority = priority }, JobLines.Lines(6), Token);
        await held.StartedAsync("prompt 0", Token);
        await bench.WaitForQueueAsync(QueueNames.RunChunk(priority), 2, Token);
        held.ReleaseAll();

        (await bench.Events.NextAsync<BatchCompleted>(Token)).Message.Batch.RequestCounts.Completed.ShouldBe(6);
    }

    [Fact]
    public async Task RunChunk_WorkerStops_DeliveryGoesBackToItsQueueAndTheNextWorkerFinishes()
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        var held = new HeldRows();
        var first = await bench.StartWorkerAsync(Token, options => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight) = (3, 1, 1), held.Engine());
        await bench.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(30), Token);
        await held.StartedAsync("prompt 0", Token);
        held.Release("prompt 0");
        await Until.TrueAsync(() => bench.Store.ExistsAsync(BatchPaths.Part("b1", 0), Token), Token);
        await bench.WaitForQueueAsync("dray-run-chunk-normal", 9, Token);

        await first.StopAsync();
        await bench.WaitForQueueAsync("dray-run-chunk-normal", 10, Token);
        var second = await bench.StartWorkerAsync(Token);
        await bench.Events.NextAsync<BatchCompleted>(Token);

        await bench.ShouldBeWholeAsync("b1", 30, Token);
        second.Engine.Calls.ContainsKey("prompt 0").ShouldBeFalse("its row was done");
        (await bench.Client.ListAsync(Token)).Where(depth => depth.IsFailure).Sum(depth => depth.Messages ?? 0).ShouldBe(0);
    }

    [Fact]
    public async Task RunChunk_WorkerStopsWithTime_RunningRowsFinishAndTheRestIsHandedOn()
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        var held = new HeldRows();
        var first = await bench.StartWorkerAsync(
            Token, options => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight, options.DrainTimeout) = (10, 1, 2, TimeSpan.FromSeconds(30)), held.Engine());
        await bench.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(40), Token);
        await held.StartedAsync("prompt 0", Token);
        await held.StartedAsync("prompt 1", Token);
        await bench.WaitForQueueAsync("dray-run-chunk-normal", 3, Token);

        var stopped = first.StopAsync();
        held.Release("prompt 0");
        held.Release("prompt 1");
        await stopped;
        first.Engine.Calls.Keys.Order().ShouldBe(["prompt 0", "prompt 1"]);
        await bench.WaitForQueueAsync("dray-run-chunk-normal", 4, Token);
        var deliveries = await DeliveriesAsync(bench);
        deliveries.ShouldAllBe(count => count <= 2, "a worker that stops takes nothing more");
        await bench.Client.PublishAsync(new SubmitBatch { BatchId = "b1" }, cancellationToken: Token);
        var second = await bench.StartWorkerAsync(Token);
        await bench.Events.NextAsync<BatchCompleted>(Token);

        await bench.ShouldBeWholeAsync("b1", 40, Token);
        second.Engine.Calls.Keys.ShouldNotContain("prompt 0");
        second.Engine.Calls.Keys.ShouldNotContain("prompt 1");
    }

    [Fact]
    public async Task RunJob_StoreAwayForAWhile_ComesAgainAfterGrowingWaits()
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        var store = new FailingStore(bench.Store) { Failures = 3 };
        await bench.StartWorkerAsync(Token, store: store);

        await bench.Client.PublishAsync(new RunJob { JobId = "j1", Body = Body("hello") }, cancellationToken: Token);
        var (completed, _) = await bench.Events.NextAsync<JobCompleted>(Token);

        completed.JobId.ShouldBe("j1");
        store.Failed.Count.ShouldBe(3);
        var waits = store.Failed.Zip(store.Failed.Skip(1), (a, b) => b - a).ToArray();
        waits[0].ShouldBeGreaterThan(TimeSpan.FromSeconds(0.9));
        waits[1].ShouldBeGreaterThan(TimeSpan.FromSeconds(1.9));
    }

    [Fact]
    public async Task RunChunk_BatchThatIsNotThere_GoesToTheErrorQueueAndComesBackOnRequest()
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        await bench.StartWorkerAsync(Token);
        var chunk = new BatchChunk { Index = 0, Offset = 0, Length = 1, FirstLine = 1, FirstRow = 0, Rows = 1 };

        await bench.Client.PublishAsync(new RunChunk { BatchId = "gone", Chunk = chunk }, cancellationToken: Token);
        await bench.WaitForQueueAsync("dray-run-chunk-normal_error", 1, Token);

        await bench.SubmitAsync(new SubmitBatch { BatchId = "gone" }, JobLines.Lines(3), Token);
        var (completed, id) = await bench.Events.NextAsync<BatchCompleted>(Token);
        (await bench.Client.RequeueAsync("dray-run-chunk-normal_error", cancellationToken: Token)).ShouldBe(1);
        var (_, again) = await bench.Events.NextAsync<BatchCompleted>(Token);

        (completed.Batch.RequestCounts.Completed, again).ShouldBe((3, id));
        await bench.WaitForQueueAsync("dray-run-chunk-normal_error", 0, Token);
    }

    [Theory]
    [InlineData("not json at all")]
    [InlineData("{\"wrong\":1}")]
    [InlineData("[]")]
    public async Task RunJob_UnreadableMessage_IsSetAsideAndTheNextOneRuns(string body)
    {
        await using var bench = await BrokerBench.StartAsync(Token);
        await bench.StartWorkerAsync(Token);

        await bench.PublishRawAsync(typeof(RunJob), "", body, Token);
        await bench.Client.PublishAsync(new RunJob { JobId = "good", Body = Body("hello") }, cancellationToken: Token);

        (await bench.Events.NextAsync<JobCompleted>(Token)).Message.JobId.ShouldBe("good");
        await Until.EqualAsync(
            async () => string.Join(' ', (await bench.Client.ListAsync(Token)).Where(depth => depth.Messages > 0).Select(depth => $"{depth.Queue}:{depth.Messages}")),
            "dray-run-job-normal_error:1",
            Token);
    }

    private static JsonElement Body(string prompt) => JsonElement.Parse(JobLines.Line("x", prompt)).GetProperty("body");

    // How often each chunk that waits was delivered; the messages are taken out.
    private static async Task<IReadOnlyList<long>> DeliveriesAsync(BrokerBench bench) =>
        [.. (await bench.TakeAsync("dray-run-chunk-normal", Token)).Select(message =>
            message.BasicProperties.Headers?.TryGetValue("x-delivery-count", out var count) == true ? Convert.ToInt64(count) : 0)];
}
