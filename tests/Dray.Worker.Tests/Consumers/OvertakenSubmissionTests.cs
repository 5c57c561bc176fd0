using Dray.Contracts;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Tests.Client;
using Dray.Worker.Tests.Support;

namespace Dray.Worker.Tests.Consumers;

/// <summary>Requests that reach the workers before the message that submits their batch, and messages that are sent twice.</summary>
public sealed class OvertakenSubmissionTests : IAsyncDisposable
{
    private readonly RecordingSender _sender = new();
    private WorkerFixture _worker = null!;
    private BatchClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CancelBatch_BeforeItsSubmission_NoRowRuns()
    {
        var id = await SubmitAsync(new SubmitOptions { MaxTokensTotal = 500, Metadata = new Dictionary<string, string> { ["team"] = "x" } });

        await _worker.Bus.Publish(new CancelBatch { BatchId = id }, Token);
        await Until.TrueAsync(() => _worker.Store.ExistsAsync(BatchPaths.State(id), Token), Token);
        await _worker.WaitForStatusAsync(id, BatchStatus.Cancelling, Token);
        await DeliverAsync();
        var (cancelled, _) = await _worker.Events.NextAsync<BatchCancelled>(Token);

        cancelled.Batch.RequestCounts.ShouldBe(new() { Total = 5, Failed = 5 });
        cancelled.Batch.Metadata!["team"].ShouldBe("x");
        _worker.Engine.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task PauseBatch_BeforeItsSubmission_RestsUntilItIsResumedWhateverIsSentAgain()
    {
        var id = await SubmitAsync(new SubmitOptions { MaxTokensTotal = 500 });
        await _worker.Bus.Publish(new PauseBatch { BatchId = id }, Token);
        await Until.TrueAsync(() => _worker.Store.ExistsAsync(BatchPaths.State(id), Token), Token);
        await _worker.WaitForStatusAsync(id, BatchStatus.Paused, Token);

        // What a service without a broker does when it starts.
        (await _client.SubmitAgainAsync(Token)).ShouldBe(1);
        await DeliverAsync();
        await Until.EqualAsync(async () => (await _worker.StateAsync(id, Token)).ChunkCount, 3, Token);
        var paused = await _worker.StateAsync(id, Token);
        await _worker.Bus.Publish(new ResumeBatch { BatchId = id }, Token);
        var (completed, _) = await _worker.Events.NextAsync<BatchCompleted>(Token);

        (paused.Batch.Status, paused.MaxTokensTotal).ShouldBe((BatchStatus.Paused, 500));
        completed.Batch.RequestCounts.Completed.ShouldBe(5);
    }

    [Fact]
    public async Task SubmitAgainAsync_MessageThatWasLost_TheBatchRunsAsItWasSubmitted()
    {
        var options = new SubmitOptions { MaxTokensTotal = 5000, Expires = TimeSpan.FromHours(1), Priority = JobPriority.High };
        var id = await SubmitAsync(options);
        var lost = (SubmitBatch)_sender.Messages.Single();
        _sender.Messages.Clear();

        (await _client.SubmitAgainAsync(Token)).ShouldBe(1);
        var again = (SubmitBatch)_sender.Messages.Single();
        await DeliverAsync();
        await _worker.Events.NextAsync<BatchCompleted>(Token);
        var state = await _worker.StateAsync(id, Token);

        again.ShouldBe(lost with { InputPath = BatchPaths.Input(id) });
        (state.MaxTokensTotal, state.Priority, state.Batch.ExpiresAt).ShouldBe((5000, JobPriority.High, lost.ExpiresAt));
        (await _client.SubmitAgainAsync(Token)).ShouldBe(0, "it is over");
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _worker.DisposeAsync();
    }

    private async Task<string> SubmitAsync(SubmitOptions options)
    {
        _worker = await WorkerFixture.StartAsync(Token);
        _client = new BatchClient(new FileSystemBlobStore(_worker.Folder["store"]), _ => Task.FromResult<IMessageSender>(_sender), _worker.Time);
        return (await _client.SubmitAsync(_worker.Folder.Write("jobs.jsonl", JobLines.Lines(5)), options, Token)).BatchId;
    }

    private async Task DeliverAsync()
    {
        foreach (var message in _sender.Messages) await _worker.Bus.Publish(message, message.GetType(), Token);
    }
}
