using Dray.Contracts;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using MassTransit;

namespace Dray.Worker.Tests.Consumers;

public sealed class PauseBatchConsumerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PauseBatch_WhileRowsRun_TheyFinishTheOthersWaitAndResumeRunsJustThose()
    {
        var held = new HeldRows();
        await using var worker = await StartAsync(held);
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(9), Token);
        await held.StartedAsync("prompt 0", Token);
        await held.StartedAsync("prompt 1", Token);

        await PauseAsync(worker);
        held.ReleaseAll();
        await worker.WaitForRowsAsync("b1", 2, Token);
        var paused = await worker.StateAsync("b1", Token);
        worker.Engine.Calls.Count.ShouldBe(2);
        (paused.Batch.Status, paused.Chunks.Count, paused.Running.Single().Completed).ShouldBe((BatchStatus.Paused, 0, 2));
        await worker.Bus.Publish(new ResumeBatch { BatchId = "b1" }, Token);
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.ShouldBe(new() { Total = 9, Completed = 9 });
        worker.Engine.Calls.Values.ShouldAllBe(calls => calls == 1);
        (await worker.Store.RowsAsync(BatchPaths.Output("b1"), Token)).Select(row => row.CustomId).ShouldBe(Enumerable.Range(0, 9).Select(i => $"row-{i}"));
    }

    [Fact]
    public async Task CancelBatch_Paused_RowsThatWaitGetErrors()
    {
        var held = new HeldRows();
        await using var worker = await StartAsync(held);
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(9), Token);
        await held.StartedAsync("prompt 1", Token);
        await PauseAsync(worker);
        held.ReleaseAll();
        await worker.WaitForRowsAsync("b1", 2, Token);

        await worker.Bus.Publish(new CancelBatch { BatchId = "b1" }, Token);
        var (cancelled, _) = await worker.Events.NextAsync<BatchCancelled>(Token);

        cancelled.Batch.RequestCounts.ShouldBe(new() { Total = 9, Completed = 2, Failed = 7 });
        (await worker.Store.RowsAsync(BatchPaths.Errors("b1"), Token)).ShouldAllBe(row => row.Error!.Code == ErrorCodes.BatchCancelled);
        worker.Engine.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task PauseBatch_BeforeTheInputIsCut_NothingRunsUntilItIsResumed()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        var ledger = new BatchLedger(worker.Store, worker.Time);
        await ledger.OpenAsync(new SubmitBatch { BatchId = "b1" }, Token);
        await PauseAsync(worker);

        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(5), Token);
        await Until.EqualAsync(async () => (await worker.StateAsync("b1", Token)).ChunkCount, 3, Token);
        var paused = await worker.StateAsync("b1", Token);
        await worker.Bus.Publish(new ResumeBatch { BatchId = "b1" }, Token);
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        (paused.Batch.Status, paused.Batch.RequestCounts.Total).ShouldBe((BatchStatus.Paused, 5));
        completed.Batch.RequestCounts.Completed.ShouldBe(5);
    }

    [Fact]
    public async Task PauseAndResumeBatch_BatchThatIsOver_ChangeNothing()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(3), Token);
        await worker.Events.NextAsync<BatchCompleted>(Token);
        var before = await worker.Store.TryReadAsync(BatchPaths.State("b1"), Token);

        await worker.Bus.Publish(new PauseBatch { BatchId = "b1" }, Token);
        await worker.Bus.Publish(new ResumeBatch { BatchId = "b1", MaxTokensTotal = 1 }, Token);
        await worker.Bus.Publish(new CancelBatch { BatchId = "b1" }, Token);
        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1", MaxTokensTotal = 1 }, Token);
        await worker.Events.NextAsync<BatchCompleted>(Token);

        (await worker.Store.TryReadAsync(BatchPaths.State("b1"), Token))!.ETag.ShouldBe(before!.ETag);
    }

    private static async Task<WorkerFixture> StartAsync(HeldRows held)
    {
        var worker = await WorkerFixture.StartAsync(
            Token, options => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight) = (5, 1, 2));
        worker.Engine.Before = held.HoldAsync;
        return worker;
    }

    private static async Task PauseAsync(WorkerFixture worker)
    {
        await worker.Bus.Publish(new PauseBatch { BatchId = "b1" }, Token);
        await worker.WaitForStatusAsync("b1", BatchStatus.Paused, Token);

        // Known to be told to what runs here once the next one of its queue is handled.
        await worker.Bus.Publish(new PauseBatch { BatchId = "b1" }, Token);
        await Task.Yield();
    }
}
