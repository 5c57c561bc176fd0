using System.Text;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;
using MassTransit;

namespace Dray.Worker.Tests.Consumers;

public sealed class BatchConsumersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SubmitBatch_Rows_EndInACommittedBatchAndOneEvent()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        await UploadAsync(worker, "b1", JobLines.Lines(5));

        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1", Metadata = new Dictionary<string, string> { ["team"] = "blue" } }, Token);
        var (completed, id) = await worker.Events.NextAsync<BatchCompleted>(Token);

        id.ShouldBe(completed.EventId);
        completed.Batch.Status.ShouldBe(BatchStatus.Completed);
        completed.Batch.RequestCounts.ShouldBe(new() { Total = 5, Completed = 5 });
        completed.Batch.Metadata!["team"].ShouldBe("blue");
        completed.Batch.OutputFileId.ShouldBe("batches/b1/output.jsonl");
        var manifest = (await worker.Store.TryReadJsonAsync<BatchManifest>(BatchPaths.Manifest("b1"), Token))!;
        manifest.Input.Bytes.ShouldBe(Encoding.UTF8.GetByteCount(JobLines.Lines(5)), "the end of the last line included");
        (await worker.Store.ListAsync("batches/b1/", Token).CountAsync(Token)).ShouldBe(9);
        (await worker.Store.TryReadJsonAsync<BatchState>(BatchPaths.State("b1"), Token))!.Batch.Status.ShouldBe(BatchStatus.Completed);
    }

    [Fact]
    public async Task SubmitBatch_DeliveredAgain_OnlyPublishesTheSameEventAgain()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        await UploadAsync(worker, "b1", JobLines.Lines(3));
        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1" }, Token);
        var first = await worker.Events.NextAsync<BatchCompleted>(Token);
        worker.Time.Advance(TimeSpan.FromHours(1));

        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1" }, Token);
        var second = await worker.Events.NextAsync<BatchCompleted>(Token);
        var plan = await worker.Store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan("b1"), Token);
        await worker.Bus.Publish(new RunChunk { BatchId = "b1", Chunk = plan!.Chunks[0] }, Token);
        var third = await worker.Events.NextAsync<BatchCompleted>(Token);

        (second.Id, third.Id).ShouldBe((first.Id, first.Id));
        JsonSerializer.Serialize(third.Message, ContractsJson.Options).ShouldBe(JsonSerializer.Serialize(first.Message, ContractsJson.Options));
        worker.Engine.Calls.Values.ShouldAllBe(calls => calls == 1);
    }

    [Fact]
    public async Task SubmitBatch_NoInput_FailsTheBatchInASentence()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);

        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1", InputPath = "uploads/x.jsonl" }, Token);
        var (failed, _) = await worker.Events.NextAsync<BatchFailed>(Token);

        failed.Batch.Status.ShouldBe(BatchStatus.Failed);
        failed.Batch.Errors!.Data.Single().Message.ShouldBe("The store has no input 'uploads/x.jsonl'; upload it before submitting the batch.");
    }

    [Fact]
    public async Task SubmitBatch_IdThatIsNoName_IsRefused()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);

        await worker.Bus.Publish(new SubmitBatch { BatchId = "../b1" }, Token);
        var (failed, _) = await worker.Events.NextAsync<BatchFailed>(Token);

        failed.Batch.Errors!.Data.Single().Param.ShouldBe("batch_id");
    }

    [Fact]
    public async Task CancelBatch_WhileRowsRun_KeepsFinishedRowsAndFailsTheOthers()
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.ConcurrentChunks, options.MaxRowsInFlight) = (1, 1));
        var reached = new TaskCompletionSource();
        worker.Engine.Before = async (prompt, token) =>
        {
            if (prompt != "prompt 3") return;
            reached.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        await UploadAsync(worker, "b1", JobLines.Lines(6));
        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1" }, Token);
        await reached.Task.WaitAsync(Token);

        await worker.Bus.Publish(new CancelBatch { BatchId = "b1" }, Token);
        var (cancelled, _) = await worker.Events.NextAsync<BatchCancelled>(Token);

        cancelled.Batch.Status.ShouldBe(BatchStatus.Cancelled);
        cancelled.Batch.RequestCounts.ShouldBe(new() { Total = 6, Completed = 3, Failed = 3 });
        (await RowsAsync(worker, BatchPaths.Output("b1"))).Select(row => row.CustomId).ShouldBe(["row-0", "row-1", "row-2"]);
        var errors = await RowsAsync(worker, BatchPaths.Errors("b1"));
        errors.Select(row => (row.CustomId, row.Error!.Code)).ShouldBe(
            [("row-3", ErrorCodes.BatchCancelled), ("row-4", ErrorCodes.BatchCancelled), ("row-5", ErrorCodes.BatchCancelled)]);
        errors.ShouldAllBe(row => row.Response == null);
        worker.Engine.Calls.Count.ShouldBe(4);
    }

    [Fact]
    public async Task SubmitBatch_CommittedByAWorkerThatDiedBeforeTheStateSaidSo_SettlesTheState()
    {
        await using var worker = await WorkerFixture.StartAsync(Token);
        await UploadAsync(worker, "b1", JobLines.Lines(2));
        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1" }, Token);
        await worker.Events.NextAsync<BatchCompleted>(Token);
        var done = (await worker.Store.TryReadJsonAsync<BatchState>(BatchPaths.State("b1"), Token))!;
        var unsettled = done with { Batch = done.Batch with { Status = BatchStatus.Finalizing } };
        await worker.Store.PutAsync(BatchPaths.State("b1"), (stream, token) => stream.WriteAsync(BlobJson.Write(unsettled), token).AsTask(), Token);

        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1" }, Token);
        await worker.Events.NextAsync<BatchCompleted>(Token);

        (await worker.Store.TryReadJsonAsync<BatchState>(BatchPaths.State("b1"), Token))!.Batch.Status.ShouldBe(BatchStatus.Completed);
    }

    [Fact]
    public async Task CancelBatch_ThroughAnotherWorker_IsNoticedWhileARowRuns()
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.ChunkRows, options.MaxRowsInFlight) = (10, 1));
        worker.Engine.Before = async (prompt, token) =>
        {
            if (prompt != "prompt 1") return;
            var ledger = new Worker.Ledger.BatchLedger(worker.Store, worker.Time);
            await ledger.RequestCancelAsync("b1", Token);
            worker.Time.Advance(TimeSpan.FromSeconds(6));
            await Task.Delay(Timeout.Infinite, token);
        };
        await UploadAsync(worker, "b1", JobLines.Lines(4));

        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1" }, Token);
        var (cancelled, _) = await worker.Events.NextAsync<BatchCancelled>(Token);

        cancelled.Batch.RequestCounts.ShouldBe(new() { Total = 4, Completed = 1, Failed = 3 });
    }

    [Fact]
    public async Task SubmitBatch_TimeRunsOut_KeepsFinishedRowsAndExpiresTheOthers()
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.ConcurrentChunks, options.MaxRowsInFlight) = (1, 1));
        worker.Engine.Before = async (prompt, token) =>
        {
            if (prompt != "prompt 2") return;
            worker.Time.Advance(TimeSpan.FromMinutes(2));
            await Task.Delay(Timeout.Infinite, token);
        };
        await UploadAsync(worker, "b1", JobLines.Lines(4));

        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1", ExpiresAt = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60 }, Token);
        var (expired, _) = await worker.Events.NextAsync<BatchExpired>(Token);

        expired.Batch.RequestCounts.ShouldBe(new() { Total = 4, Completed = 2, Failed = 2 });
        (await RowsAsync(worker, BatchPaths.Errors("b1"))).Select(row => row.Error!.Code).ShouldBe([ErrorCodes.BatchExpired, ErrorCodes.BatchExpired]);
    }

    [Fact]
    public async Task RunChunk_RowLongerThanTheTimeout_FailsThatRowOnly()
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => (options.RowTimeout, options.MaxRowsInFlight) = (TimeSpan.FromSeconds(30), 1));
        worker.Engine.Before = async (prompt, token) =>
        {
            if (prompt != "prompt 1") return;
            worker.Time.Advance(TimeSpan.FromSeconds(31));
            await Task.Delay(Timeout.Infinite, token);
        };
        await UploadAsync(worker, "b1", JobLines.Lines(2));

        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1" }, Token);
        var (completed, _) = await worker.Events.NextAsync<BatchCompleted>(Token);

        completed.Batch.RequestCounts.ShouldBe(new() { Total = 2, Completed = 1, Failed = 1 });
        var error = (await RowsAsync(worker, BatchPaths.Errors("b1"))).Single();
        (error.Response!.StatusCode, error.Error().Code, error.Error().Type).ShouldBe((504, ErrorCodes.RowTimeout, ErrorBody.ServerType));
    }

    [Fact]
    public async Task RunChunk_ModelThatIsNotServed_FailsWith404()
    {
        await using var worker = await WorkerFixture.StartAsync(Token, options => options.ServedModelNames = ["dray", "any"]);
        await UploadAsync(worker, "b1", JobLines.Lines(1) + JobLines.Line("other", "x").Replace("\"any\"", "\"gpt-x\"", StringComparison.Ordinal));

        await worker.Bus.Publish(new SubmitBatch { BatchId = "b1" }, Token);
        await worker.Events.NextAsync<BatchCompleted>(Token);

        var answer = (await RowsAsync(worker, BatchPaths.Output("b1"))).Single();
        answer.Response!.Body.GetProperty("model").GetString().ShouldBe("any");
        var error = (await RowsAsync(worker, BatchPaths.Errors("b1"))).Single();
        (error.Response!.StatusCode, error.Error().Param, error.Error().Message).ShouldBe(
            (404, "model", "The model 'gpt-x' isn't served here; ask for 'dray' or 'any'."));
    }

    private static async Task UploadAsync(WorkerFixture worker, string batchId, string input) =>
        (await worker.Store.TryCreateAsync(BatchPaths.Input(batchId), Encoding.UTF8.GetBytes(input), Token)).ShouldBeTrue();

    private static async Task<BatchOutputRow[]> RowsAsync(WorkerFixture worker, string path)
    {
        using var reader = new StreamReader(await worker.Store.OpenReadAsync(path, cancellationToken: Token));
        var text = await reader.ReadToEndAsync(Token);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<BatchOutputRow>(line, ContractsJson.Options)!)];
    }
}
