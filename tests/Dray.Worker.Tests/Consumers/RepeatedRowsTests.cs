using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using MassTransit;

namespace Dray.Worker.Tests.Consumers;

public sealed class RepeatedRowsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SubmitBatch_RowsThatRepeatOthers_RunOnceAndAnswerAllInInputOrder()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        string[] prompts = ["p", "p", "q", "p", "fail", "q", "r", "fail", "p"];

        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, Lines(prompts), Token);
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);
        var output = await worker.Store.RowsAsync(BatchPaths.Output("b1"), Token);
        var errors = await worker.Store.RowsAsync(BatchPaths.Errors("b1"), Token);

        worker.Engine.Calls.Where(call => call.Key != "fail").Select(call => call.Value).ShouldBe([1, 1, 1]);
        completed.Batch.RequestCounts.ShouldBe(new() { Total = 9, Completed = 7, Failed = 2 });
        completed.Batch.Usage.TotalTokens.ShouldBe(3 * 7);
        output.Select(row => (row.CustomId, row.Content())).ShouldBe(
            [("id-0", "p|"), ("id-1", "p|"), ("id-2", "q|"), ("id-3", "p|"), ("id-5", "q|"), ("id-6", "r|"), ("id-8", "p|")]);
        output.Select(row => TokensOf(row)).ShouldBe([7L, 0, 7, 0, 0, 7, 0]);
        errors.Select(row => (row.CustomId, row.Error().Code)).ShouldBe([("id-4", ErrorCodes.EngineFailure), ("id-7", ErrorCodes.EngineFailure)]);
        var all = output.Concat(errors).ToArray();
        all.Select(row => row.Id).Distinct().Count().ShouldBe(9);
        all.Select(row => row.Response!.RequestId).Distinct().Count().ShouldBe(9);
        output.Select(row => row.Response!.Body.GetProperty("id").GetString()).Distinct().Count().ShouldBe(7);
    }

    [Fact]
    public async Task SubmitBatch_RowsWithoutANameOfTheirOwn_AreNeitherRepeatsNorRepeated()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        var nameless = JobLines.Line("x", "p").Replace("\"custom_id\":\"x\",", "", StringComparison.Ordinal);
        var input = nameless + "\n" + JobLines.Line("a", "p") + "\n" + JobLines.Line("a", "p") + "\n" + JobLines.Line("b", "p") + "\n" + nameless + "\n";

        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, input, Token);
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.ShouldBe(new() { Total = 5, Completed = 2, Failed = 3 });
        worker.Engine.Calls["p"].ShouldBe(1);
        (await worker.Store.RowsAsync(BatchPaths.Output("b1"), Token)).Select(row => row.CustomId).ShouldBe(["a", "b"]);
        (await worker.Store.RowsAsync(BatchPaths.Errors("b1"), Token)).Select(row => (row.CustomId, row.Error().Param)).ShouldBe(
            [("line-1", "custom_id"), ("line-3", "custom_id"), ("line-5", "custom_id")]);
    }

    [Fact]
    public async Task CancelBatch_WhileTheRepeatedRowRuns_AllThatRepeatItAreCancelled()
    {
        var held = new HeldRows();
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.MaxRowsInFlight, options.ConcurrentChunks) = (1, 1));
        worker.Engine.Before = (prompt, token) => prompt == "p" ? held.HoldAsync(prompt, token) : Task.CompletedTask;
        await worker.SubmitAsync(new SubmitBatch { BatchId = "b1" }, Lines("q", "p", "p", "q", "p"), Token);
        await held.StartedAsync("p", Token);

        await worker.Bus.Publish(new CancelBatch { BatchId = "b1" }, Token);
        var (cancelled, _) = await worker.Events.NextAsync<BatchCancelled>(Token);

        cancelled.Batch.RequestCounts.ShouldBe(new() { Total = 5, Completed = 2, Failed = 3 });
        (await worker.Store.RowsAsync(BatchPaths.Output("b1"), Token)).Select(row => row.CustomId).ShouldBe(["id-0", "id-3"]);
        (await worker.Store.RowsAsync(BatchPaths.Errors("b1"), Token)).Select(row => (row.CustomId, row.Error!.Code)).ShouldBe(
            [("id-1", ErrorCodes.BatchCancelled), ("id-2", ErrorCodes.BatchCancelled), ("id-4", ErrorCodes.BatchCancelled)]);
    }

    private static long TokensOf(BatchOutputRow row) => row.Response!.Body.GetProperty("usage").GetProperty("total_tokens").GetInt64();

    private static string Lines(params string[] prompts) => string.Concat(prompts.Select((prompt, i) => JobLines.Line($"id-{i}", prompt) + "\n"));
}
