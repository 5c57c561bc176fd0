using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Ledger;

/// <summary>
/// Keeps where each batch is, in its state document. Any number of workers may write: each change is made under If-Match.
/// </summary>
internal sealed class BatchLedger(IBlobStore store, TimeProvider time)
{
    private const int MaxAttempts = 1000;

    /// <summary>Reads the state of a batch, or gives null where there is none.</summary>
    public Task<BatchState?> ReadAsync(string batchId, CancellationToken cancellationToken) =>
        store.TryReadJsonAsync<BatchState>(BatchPaths.State(batchId), cancellationToken);

    /// <summary>
    /// Reads the state of a batch; one that is new begins here, and was created when a client submitted it, if one did. One that is there
    /// already takes over how many tokens it may use.
    /// </summary>
    public async Task<BatchState> OpenAsync(SubmitBatch submit, CancellationToken cancellationToken)
    {
        var submission = await store.TryReadJsonAsync<BatchSubmission>(BatchPaths.Submission(submit.BatchId), cancellationToken);
        var fresh = new BatchState
        {
            Batch = new Batch
            {
                Id = submit.BatchId,
                InputFileId = submit.InputPath ?? BatchPaths.Input(submit.BatchId),
                Status = BatchStatus.Validating,
                CreatedAt = submission?.CreatedAt ?? Now(),
                ExpiresAt = submit.ExpiresAt,
                Metadata = submit.Metadata,
            },
            InputFileId = submission?.InputFileId,
            Priority = submit.Priority,
            MaxTokensTotal = submit.MaxTokensTotal,
            SubmittedMaxTokensTotal = submit.MaxTokensTotal,
        };
        await store.TryCreateAsync(BatchPaths.State(submit.BatchId), BlobJson.Write(fresh), cancellationToken);
        return await ChangeAsync(
            submit.BatchId,
            state => state.SubmittedMaxTokensTotal == submit.MaxTokensTotal
                ? state
                : Allow(state with { SubmittedMaxTokensTotal = submit.MaxTokensTotal }, submit.MaxTokensTotal),
            cancellationToken);
    }

    /// <summary>
    /// Notes that the input was cut and rows are about to run. A batch that was refused before, because its input wasn't there yet, begins
    /// now.
    /// </summary>
    public Task<BatchState> StartAsync(string batchId, BatchPlan plan, string model, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state => state.ChunkCount > 0 ? state : state with
        {
            ChunkCount = plan.Chunks.Count,
            Batch = state.Batch with
            {
                Status = state.Batch.Status is BatchStatus.Validating or BatchStatus.Failed ? BatchStatus.InProgress : state.Batch.Status,
                Errors = null,
                FailedAt = null,
                InProgressAt = state.Batch.InProgressAt ?? Now(),
                Model = model,
                RequestCounts = state.Batch.RequestCounts with { Total = plan.Rows },
            },
        },
        cancellationToken);

    /// <summary>Notes that the input was refused as a whole.</summary>
    public Task<BatchState> FailAsync(string batchId, BatchError error, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state => state.Batch.Status == BatchStatus.Failed ? state : state with
        {
            Batch = state.Batch with { Status = BatchStatus.Failed, FailedAt = Now(), Errors = new BatchErrors { Data = [error] } },
        },
        cancellationToken);

    /// <summary>Notes that somebody wants the batch to rest. Nothing changes where it is over, or stopped already.</summary>
    public Task<BatchState> PauseAsync(string batchId, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state => state.Batch.Status is BatchStatus.Validating or BatchStatus.InProgress
            ? state with { Batch = state.Batch with { Status = BatchStatus.Paused } }
            : state,
        cancellationToken);

    /// <summary>Notes that a batch that rests is to go on, with so many tokens altogether where <paramref name="maxTokensTotal"/> is given.</summary>
    public Task<BatchState> ResumeAsync(string batchId, long? maxTokensTotal, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state =>
        {
            if (state.Batch.Status == BatchStatus.Paused) state = state with { Batch = state.Batch with { Status = BatchStatus.InProgress } };
            return maxTokensTotal is { } most ? Allow(state, most) : state;
        },
        cancellationToken);

    /// <summary>Notes that the batch has used its tokens, unless it was given more meanwhile.</summary>
    public Task<BatchState> ExhaustAsync(string batchId, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state => state.Batch.Status == BatchStatus.InProgress && TokensUsed(state) >= state.MaxTokensTotal
            ? state with { Batch = state.Batch with { Status = BatchStatus.Incomplete } }
            : state,
        cancellationToken);

    /// <summary>Notes how far a chunk is that isn't done. What stands there already isn't taken back.</summary>
    public Task<BatchState> ReportAsync(string batchId, RunningChunk chunk, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state =>
        {
            if (state.Chunks.Any(done => done.Index == chunk.Index)) return state;
            var known = state.Running.FirstOrDefault(running => running.Index == chunk.Index);
            if (chunk.Completed + chunk.Failed <= (known is null ? 0 : known.Completed + known.Failed)) return state;
            return state with { Running = [.. state.Running.Where(running => running != known).Append(chunk).OrderBy(running => running.Index)] };
        },
        cancellationToken);

    /// <summary>Notes that somebody wants the batch to stop. Nothing changes where it is over, or asked for already.</summary>
    public Task<BatchState> RequestCancelAsync(string batchId, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state => IsOver(state.Batch.Status) || state.Batch.CancellingAt is not null ? state : state with
        {
            Batch = state.Batch with { Status = BatchStatus.Cancelling, CancellingAt = Now() },
        },
        cancellationToken);

    /// <summary>Notes that a chunk is done. Once is enough: a chunk that stands there already stays as it is.</summary>
    public Task<BatchState> RecordAsync(string batchId, ChunkResult chunk, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state => state.Chunks.Any(done => done.Index == chunk.Index) ? state : state with
        {
            Chunks = [.. state.Chunks.Append(chunk).OrderBy(done => done.Index)],
            Running = [.. state.Running.Where(running => running.Index != chunk.Index)],
            Batch = state.Batch with
            {
                RequestCounts = state.Batch.RequestCounts with
                {
                    Completed = state.Batch.RequestCounts.Completed + chunk.Completed,
                    Failed = state.Batch.RequestCounts.Failed + chunk.Failed,
                },
                Usage = state.Batch.Usage.Plus(chunk.Usage),
            },
        },
        cancellationToken);

    /// <summary>Notes that all chunks are done and the output is being put together.</summary>
    public Task<BatchState> FinalizeAsync(string batchId, CancellationToken cancellationToken) => ChangeAsync(
        batchId,
        state => IsOver(state.Batch.Status) || state.Batch.FinalizingAt is not null ? state : state with
        {
            Batch = state.Batch with { Status = BatchStatus.Finalizing, FinalizingAt = Now() },
        },
        cancellationToken);

    /// <summary>Makes the state say what the manifest says.</summary>
    public Task<BatchState> FinishAsync(BatchManifest manifest, CancellationToken cancellationToken) => ChangeAsync(
        manifest.Batch.Id, state => IsOver(state.Batch.Status) ? state : state with { Batch = manifest.Batch }, cancellationToken);

    private static long TokensUsed(BatchState state) =>
        state.Batch.Usage.TotalTokens + state.Running.Sum(chunk => chunk.Usage.TotalTokens);

    // A batch that had stopped for lack of tokens goes on where there are some again.
    private static BatchState Allow(BatchState state, long? maxTokensTotal)
    {
        if (IsOver(state.Batch.Status)) return state;
        if (state.MaxTokensTotal != maxTokensTotal) state = state with { MaxTokensTotal = maxTokensTotal };
        return state.Batch.Status == BatchStatus.Incomplete && (maxTokensTotal is null || TokensUsed(state) < maxTokensTotal)
            ? state with { Batch = state.Batch with { Status = BatchStatus.InProgress } }
            : state;
    }

    private static bool IsOver(BatchStatus status) =>
        status is BatchStatus.Completed or BatchStatus.Failed or BatchStatus.Expired or BatchStatus.Cancelled;

    private long Now() => time.GetUtcNow().ToUnixTimeSeconds();

    private async Task<BatchState> ChangeAsync(string batchId, Func<BatchState, BatchState> change, CancellationToken cancellationToken)
    {
        var path = BatchPaths.State(batchId);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var content = await store.TryReadAsync(path, cancellationToken)
                ?? throw new InvalidDataException($"The batch '{batchId}' has no state in the store; submit it again.");
            var current = BlobJson.Read<BatchState>(content.Bytes.Span, path);
            var changed = change(current);
            if (ReferenceEquals(changed, current)) return current;
            if (await store.TryReplaceAsync(path, BlobJson.Write(changed), content.ETag, cancellationToken)) return changed;
        }

        throw new IOException($"The state '{path}' was changed by others {MaxAttempts} times in a row; too many workers write one batch.");
    }
}
