using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using MassTransit;

namespace Dray.Worker.Tests.Consumers;

/// <summary>What isn't done after a chunk's time goes back to the queue.</summary>
public sealed class HandBackTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunChunk_TimeOver_KeepsItsRowsAndComesAgainForTheRest()
    {
        var held = new HeldRows();
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight) = (8, 1, 2));
        worker.Engine.Before = held.HoldAsync;
        var deliveries = new Deliveries<RunChunk>(worker.Bus);
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(8), Token);
        foreach (var step in Enumerable.Range(0, 3))
        {
            await held.StartedAsync($"prompt {step * 2}", Token);
            await held.StartedAsync($"prompt {(step * 2) + 1}", Token);
            worker.Time.Advance(TimeSpan.FromMinutes(11));
            held.Release($"prompt {step * 2}");
            held.Release($"prompt {(step * 2) + 1}");
            await Until.EqualAsync(() => Task.FromResult(deliveries.Handled), step + 1, Token);
        }

        held.ReleaseAll();
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.ShouldBe(new() { Total = 8, Completed = 8 });
        worker.Engine.Calls.Values.ShouldAllBe(calls => calls == 1);
        (await worker.Store.RowsAsync(BatchPaths.Output("b1"), Token)).Select(row => row.CustomId).ShouldBe(Enumerable.Range(0, 8).Select(i => $"row-{i}"));
    }

    [Fact]
    public async Task RunChunk_TimeOverWhileAFailedRowWaitsToRunAlone_ItRunsNoMoreInThisDelivery()
    {
        var held = new HeldRows();
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight) = (2, 1, 2));
        worker.Engine.Before = (prompt, token) => prompt == "slow" ? held.HoldAsync(prompt, token) : Task.CompletedTask;
        var deliveries = new Deliveries<RunChunk>(worker.Bus);
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Line("a", "slow") + "\n" + JobLines.Line("b", "fail") + "\n", Token);
        await held.StartedAsync("slow", Token);
        await Until.TrueAsync(() => Task.FromResult(worker.Engine.Calls.ContainsKey("fail")), Token);

        worker.Time.Advance(TimeSpan.FromMinutes(11));
        held.ReleaseAll();
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.ShouldBe(new() { Total = 2, Completed = 1, Failed = 1 });
        deliveries.Begun.ShouldBe(2);
        worker.Engine.Calls["slow"].ShouldBe(1);
    }

    [Fact]
    public async Task RunJob_NoPlaceForAGoodWhile_ComesAgainInsteadOfWaitingOn()
    {
        var held = new HeldRows();
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.ConcurrentChunks, options.MaxRowsInFlight) = (1, 1));
        worker.Engine.Before = (prompt, token) => prompt == "slow" ? held.HoldAsync(prompt, token) : Task.CompletedTask;
        var deliveries = new Deliveries<RunJob>(worker.Bus);
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Line("a", "slow") + "\n", Token);
        await held.StartedAsync("slow", Token);
        await worker.Bus.Publish(new RunJob { JobId = "j1", Body = JsonElement.Parse(JobLines.Line("x", "hello")).GetProperty("body"), Priority = JobPriority.Low }, Token);
        await Until.EqualAsync(() => Task.FromResult(deliveries.Begun), 1, Token);

        await Until.TrueAsync(
            () =>
            {
                worker.Time.Advance(TimeSpan.FromMinutes(11));
                return Task.FromResult(deliveries.Handled > 0);
            },
            Token);
        held.ReleaseAll();
        var (completed, _) = await worker.Events.NextAsync<JobCompleted>(Token);

        completed.JobId.ShouldBe("j1");
        worker.Engine.Calls["hello"].ShouldBe(1);
    }

    private sealed class Deliveries<T> : IConsumeMessageObserver<T>
        where T : class
    {
        private int _begun;
        private int _handled;

        public Deliveries(IBus bus) => bus.ConnectConsumeMessageObserver(this);

        public int Begun => _begun;

        public int Handled => _handled;

        public Task PreConsume(ConsumeContext<T> context)
        {
            Interlocked.Increment(ref _begun);
            return Task.CompletedTask;
        }

        public Task PostConsume(ConsumeContext<T> context)
        {
            Interlocked.Increment(ref _handled);
            return Task.CompletedTask;
        }

        public Task ConsumeFault(ConsumeContext<T> context, Exception exception) => Task.CompletedTask;
    }
}
