using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Client;

public sealed class BatchClientWatchTests : IAsyncDisposable
{
    private readonly ClientFixture _fixture = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task StatusAsync_NoWorkerHasSeenIt_SaysWhatWasSubmitted()
    {
        var submitted = await _fixture.SubmitAsync(
            JobLines.Lines(1), new SubmitOptions { Priority = JobPriority.Low, Expires = TimeSpan.FromMinutes(1), Metadata = new Dictionary<string, string> { ["a"] = "b" } });

        var snapshot = await _fixture.Client.StatusAsync(submitted.BatchId, Cancellation);

        (snapshot.Batch.Status, snapshot.IsSeen, snapshot.IsUploaded, snapshot.Priority).ShouldBe((BatchStatus.Validating, false, true, JobPriority.Low));
        (snapshot.Batch.CreatedAt, snapshot.Batch.ExpiresAt, snapshot.Batch.Metadata!["a"]).ShouldBe((1_800_000_000, 1_800_000_060, "b"));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("")]
    [InlineData("../secret")]
    [InlineData("a/b")]
    public async Task AnyCall_UnknownBatch_IsRefusedAndNothingIsSent(string id)
    {
        (await Should.ThrowAsync<BatchClientException>(_fixture.Client.StatusAsync(id, Cancellation))).Problem.ShouldBe(BatchClientProblem.UnknownBatch);
        (await Should.ThrowAsync<BatchClientException>(_fixture.Client.CancelAsync(id, Cancellation))).Problem.ShouldBe(BatchClientProblem.UnknownBatch);
        (await Should.ThrowAsync<BatchClientException>(_fixture.Client.OutputAsync(id, _fixture.Folder["out"], true, Cancellation))).Problem.ShouldBe(BatchClientProblem.UnknownBatch);
        (await Should.ThrowAsync<BatchClientException>(_fixture.Client.RetryFailedAsync(id, cancellationToken: Cancellation))).Problem.ShouldBe(BatchClientProblem.UnknownBatch);
        _fixture.Sender.Messages.ShouldBeEmpty();
    }

    [Fact]
    public async Task StatusAsync_ChunksThatRun_AreCountedOnceEach()
    {
        await _fixture.WriteStateAsync(State(BatchStatus.InProgress, completed: 4, failed: 1) with
        {
            ChunkCount = 3,
            Chunks = [new ChunkResult { Index = 0, Completed = 4, Failed = 1, Usage = Usage(50), Sha256 = "" }],
            Running =
            [
                new RunningChunk { Index = 0, Completed = 3, Failed = 0, Usage = Usage(30) },
                new RunningChunk { Index = 1, Completed = 2, Failed = 1, Usage = Usage(20) },
            ],
        });

        var snapshot = await _fixture.Client.StatusAsync("b", Cancellation);

        (snapshot.Batch.RequestCounts.Completed, snapshot.Batch.RequestCounts.Failed, snapshot.Batch.Usage.OutputTokens, snapshot.Done).ShouldBe((6, 2, 20, 8));
    }

    [Fact]
    public async Task WatchAsync_StatesThatChange_YieldsEachOnceAndEndsWhenOver()
    {
        await _fixture.SubmitAsync(JobLines.Lines(1), new SubmitOptions { Key = "k" });
        var id = BatchIdentity.OfKey("k");
        await using var watch = _fixture.Client.WatchAsync(id, TimeSpan.FromSeconds(1), Cancellation).GetAsyncEnumerator(Cancellation);
        var seen = new List<(BatchStatus, long)>();
        (await MoveAsync(watch)).ShouldBeTrue();
        seen.Add((watch.Current.Batch.Status, watch.Current.Done));

        foreach (var state in new[] { State(BatchStatus.InProgress, 1, 0), State(BatchStatus.Paused, 1, 0), State(BatchStatus.InProgress, 5, 2), State(BatchStatus.Completed, 8, 2) })
        {
            var next = watch.MoveNextAsync().AsTask();
            for (var i = 0; i < 3; i++)
            {
                _fixture.Time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            next.IsCompleted.ShouldBeFalse("nothing has changed");
            await _fixture.WriteStateAsync(state with { Batch = state.Batch with { Id = id } });
            (await AdvanceUntilDoneAsync(next)).ShouldBeTrue();
            seen.Add((watch.Current.Batch.Status, watch.Current.Done));
        }

        (await MoveAsync(watch)).ShouldBeFalse();
        seen.ShouldBe([(BatchStatus.Validating, 0), (BatchStatus.InProgress, 1), (BatchStatus.Paused, 1), (BatchStatus.InProgress, 7), (BatchStatus.Completed, 10)]);
    }

    [Theory]
    [InlineData(BatchStatus.Completed, true)]
    [InlineData(BatchStatus.Failed, true)]
    [InlineData(BatchStatus.Expired, true)]
    [InlineData(BatchStatus.Cancelled, true)]
    [InlineData(BatchStatus.Incomplete, true)]
    [InlineData(BatchStatus.Paused, false)]
    [InlineData(BatchStatus.Cancelling, false)]
    [InlineData(BatchStatus.Finalizing, false)]
    public async Task StatusAsync_EachStatus_SaysWhetherItIsOver(BatchStatus status, bool isOver)
    {
        await _fixture.WriteStateAsync(State(status, 0, 0));

        (await _fixture.Client.StatusAsync("b", Cancellation)).IsOver.ShouldBe(isOver);
    }

    [Fact]
    public async Task CancelPauseResume_KnownBatch_SendTheirMessages()
    {
        await _fixture.WriteStateAsync(State(BatchStatus.InProgress, 0, 0));

        await _fixture.Client.CancelAsync("b", Cancellation);
        await _fixture.Client.PauseAsync("b", Cancellation);
        await _fixture.Client.ResumeAsync("b", 99, Cancellation);

        _fixture.Sender.Messages.ShouldBe(
            [new CancelBatch { BatchId = "b" }, new PauseBatch { BatchId = "b" }, new ResumeBatch { BatchId = "b", MaxTokensTotal = 99 }]);
    }

    private static BatchUsage Usage(long tokens) => new() { InputTokens = tokens, OutputTokens = tokens, TotalTokens = 2 * tokens };

    private static BatchState State(BatchStatus status, int completed, int failed) => new()
    {
        Batch = new Batch
        {
            Id = "b",
            InputFileId = BatchPaths.Input("b"),
            CreatedAt = 1,
            Status = status,
            RequestCounts = new BatchRequestCounts { Total = 10, Completed = completed, Failed = failed },
        },
    };

    private Task<bool> MoveAsync(IAsyncEnumerator<BatchSnapshot> watch) => AdvanceUntilDoneAsync(watch.MoveNextAsync().AsTask());

    private async Task<bool> AdvanceUntilDoneAsync(Task<bool> task)
    {
        while (!task.IsCompleted)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await task;
    }
}
