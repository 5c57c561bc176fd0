using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Dray.Worker.Tests.Execution;

/// <summary>Requests that workers die of, as the logs of dead workers tell.</summary>
public sealed class PoisonTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("+chunk\n", false)]
    [InlineData("+chunk\n-chunk\n+chunk\n-chunk\n+chunk\n", false)]
    [InlineData("+chunk\n\n+chunk\n", true)]
    public async Task RunChunk_WorkersDiedOfIt_RowsRunAlone(string log, bool isAlone)
    {
        await using var worker = await StartAsync(log);

        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(8), Token);
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.Completed.ShouldBe(8);
        if (isAlone) worker.Engine.Peak.ShouldBe(1);
        else worker.Engine.Peak.ShouldBeGreaterThan(1);
        (await worker.Store.ExistsAsync(BatchPaths.Attempts("b1", 0), Token)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(2, 8)]
    [InlineData(3, 7)]
    public async Task RunChunk_WorkersDiedOfARowAlone_OnlyThatRowIsGivenUp(int deaths, int completed)
    {
        var id = RequestIdentity.OfRow("b1", 3, 0).RowId;
        await using var worker = await StartAsync("\n+chunk\n\n+chunk\n" + string.Concat(Enumerable.Repeat($"\n+{id}\n", deaths)));

        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, JobLines.Lines(8), Token);
        var (done, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        done.Batch.RequestCounts.ShouldBe(new() { Total = 8, Completed = completed, Failed = 8 - completed });
        worker.Engine.Calls.ContainsKey("prompt 3").ShouldBe(completed == 8);
        var errors = await worker.Store.RowsAsync(BatchPaths.Errors("b1"), Token);
        errors.Select(row => (row.CustomId, row.Error().Code)).ShouldBe(completed == 8 ? [] : [("row-3", ErrorCodes.EngineFailure)]);
    }

    [Theory]
    [InlineData(0, 9, true)]
    [InlineData(2, 2, true)]
    [InlineData(2, 3, false)]
    public async Task RunJob_WorkersDiedOfIt_IsGivenUp(int deliveries, int deaths, bool runs)
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        var id = RequestIdentity.OfJob("j1", 0).RowId;
        await worker.Store.AppendAsync(BatchPaths.JobAttempts("j1"), Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"\n+{id}\n", deaths))), Token);
        var runner = worker.Services.GetRequiredService<JobRunner>();
        var job = new RunJob { JobId = "j1", Body = JsonElement.Parse(JobLines.Line("x", "hello")).GetProperty("body") };

        var outcome = await runner.RunAsync(job, deliveries, CancellationToken.None, Token);

        (outcome.Completed is not null, outcome.Failed?.Error.Code).ShouldBe((runs, runs ? null : ErrorCodes.EngineFailure));
        worker.Engine.Calls.ContainsKey("hello").ShouldBe(runs);
        if (deliveries > 0) (await worker.Store.ExistsAsync(BatchPaths.JobAttempts("j1"), Token)).ShouldBeFalse();
    }

    private static async Task<WorkerFixture> StartAsync(string log)
    {
        var worker = await WorkerFixture.StartAsync(Token, options => (options.ChunkRows, options.ConcurrentChunks, options.MaxRowsInFlight) = (8, 1, 4));
        worker.Engine.Before = (_, token) => Task.Delay(TimeSpan.FromMilliseconds(20), token);
        await worker.Store.AppendAsync(BatchPaths.Attempts("b1", 0), Encoding.UTF8.GetBytes(log), Token);
        return worker;
    }
}
