using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using MassTransit;

namespace Dray.Worker.Tests.Consumers;

/// <summary>Each row takes 7 tokens.</summary>
public sealed class TokenBudgetTests
{
    private const int TokensPerRow = 7;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1, 20)]
    [InlineData(3, 2, 20)]
    [InlineData(4, 4, 50)]
    public async Task SubmitBatch_TokensUsedUp_StopsIncompleteWithHonestCounts(int inFlight, int chunks, long most)
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.MaxRowsInFlight, options.ConcurrentChunks, options.ChunkRows) = (inFlight, chunks, 5));

        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1", MaxTokensTotal = most }, JobLines.Lines(40), Token);
        var (incomplete, id) = await worker.Events.NextAsync<BatchIncomplete>(Token);
        var (counts, usage) = (incomplete.Batch.RequestCounts, incomplete.Batch.Usage);

        (incomplete.Batch.Status, (Guid?)incomplete.EventId).ShouldBe((BatchStatus.Incomplete, id));
        usage.TotalTokens.ShouldBe(counts.Completed * TokensPerRow, "what is counted is what was used");
        usage.TotalTokens.ShouldBeGreaterThanOrEqualTo(most);
        worker.Engine.Calls.Count.ShouldBeLessThan(40);
        (await worker.Store.ExistsAsync(BatchPaths.Manifest("b1"), Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task SubmitBatch_OneChunkAtATime_OvershootsByNoMoreThanWhatWasInFlight()
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.MaxRowsInFlight, options.ConcurrentChunks, options.ChunkRows) = (3, 1, 50));

        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1", MaxTokensTotal = 70 }, JobLines.Lines(40), Token);
        var (incomplete, _) = await worker.Events.NextAsync<BatchIncomplete>(Token);

        incomplete.Batch.Usage.TotalTokens.ShouldBeInRange(70, 70 + (3 * TokensPerRow));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IncompleteBatch_GivenMore_GoesOnWhereItStopped(bool bySubmitting)
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.MaxRowsInFlight, options.ConcurrentChunks, options.ChunkRows) = (1, 1, 4));
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1", MaxTokensTotal = 20 }, JobLines.Lines(9), Token);
        var (_, first) = await worker.Events.NextAsync<BatchIncomplete>(Token);

        await MoreAsync(worker, bySubmitting, 40);

        // Chunks that were queued may tell of the first stop again; the second is an event of its own.
        Guid? second = first;
        while (second == first) second = (await worker.Events.NextAsync<BatchIncomplete>(Token)).Id;
        await MoreAsync(worker, bySubmitting, 1000);
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        (completed.Batch.RequestCounts.Completed, completed.Batch.Usage.TotalTokens).ShouldBe((9, 9 * TokensPerRow));
        worker.Engine.Calls.Values.ShouldAllBe(calls => calls == 1);
    }

    [Fact]
    public async Task SubmitBatch_IncompleteAndTheSameAgain_OnlyPublishesAgain()
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.MaxRowsInFlight, options.ConcurrentChunks) = (1, 1));
        var submit = new SubmitBatch { BatchId = "b1", MaxTokensTotal = 20 };
        await worker.SubmitAsync(submit, JobLines.Lines(9), Token);
        var (_, first) = await worker.Events.NextAsync<BatchIncomplete>(Token);
        var calls = worker.Engine.Calls.Count;

        await worker.Bus.Publish(submit, Token);
        var (_, again) = await worker.Events.NextAsync<BatchIncomplete>(Token);

        (again, worker.Engine.Calls.Count).ShouldBe((first, calls));
    }

    [Fact]
    public async Task SubmitBatch_DeliveredAgainAfterABatchWasGivenMore_TakesNothingBack()
    {
        var held = new HeldRows();
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.MaxRowsInFlight, options.ConcurrentChunks) = (1, 1));
        var submit = new SubmitBatch { BatchId = "b1", MaxTokensTotal = 10 };
        await worker.SubmitAsync(submit, JobLines.Lines(9), Token);
        await worker.Events.NextAsync<BatchIncomplete>(Token);
        worker.Engine.Before = held.HoldAsync;
        await worker.Bus.Publish(new ResumeBatch { BatchId = "b1", MaxTokensTotal = 1000 }, Token);
        await held.AnyStartedAsync(Token);

        await worker.Bus.Publish(submit, Token);
        await worker.Bus.Publish(new SubmitBatch { BatchId = "b2", InputPath = "none" }, Token);
        await worker.Events.NextAsync<BatchFailed>(Token);
        held.ReleaseAll();
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.Completed.ShouldBe(9);
    }

    [Fact]
    public async Task CancelBatch_Incomplete_RowsThatWaitGetErrors()
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.MaxRowsInFlight, options.ConcurrentChunks) = (1, 1));
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1", MaxTokensTotal = 20 }, JobLines.Lines(9), Token);
        await worker.Events.NextAsync<BatchIncomplete>(Token);

        await worker.Bus.Publish(new CancelBatch { BatchId = "b1" }, Token);
        var (cancelled, _) = await worker.Events.NextAsync<BatchCancelled>(Token);

        cancelled.Batch.RequestCounts.ShouldBe(new() { Total = 9, Completed = 3, Failed = 6 });
    }

    private static Task MoreAsync(WorkerFixture worker, bool bySubmitting, long most) => bySubmitting
        ? worker.Bus.Publish(new SubmitBatch { BatchId = "b1", MaxTokensTotal = most }, Token)
        : worker.Bus.Publish(new ResumeBatch { BatchId = "b1", MaxTokensTotal = most }, Token);
}
