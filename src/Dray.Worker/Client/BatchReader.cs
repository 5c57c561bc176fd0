using Dray.Contracts;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Reads where batches are from the store.</summary>
internal sealed class BatchReader(IBlobStore store)
{
    /// <summary>Where a batch is.</summary>
    /// <exception cref="BatchClientException">There is no such batch.</exception>
    public async Task<BatchSnapshot> ReadAsync(string batchId, CancellationToken cancellationToken) =>
        await TryReadAsync(batchId, cancellationToken) ?? throw Unknown(batchId);

    /// <summary>Where a batch is, or null where there is none.</summary>
    public async Task<BatchSnapshot?> TryReadAsync(string batchId, CancellationToken cancellationToken)
    {
        if (!BatchPaths.IsId(batchId)) return null;
        if (await store.TryReadJsonAsync<BatchState>(BatchPaths.State(batchId), cancellationToken) is { } state)
            return await ReadAsync(state, cancellationToken);
        if (await store.TryReadJsonAsync<BatchSubmission>(BatchPaths.Submission(batchId), cancellationToken) is not { } submission) return null;
        return new BatchSnapshot
        {
            Batch = new Batch
            {
                Id = batchId,
                InputFileId = submission.Input.Path,
                Status = BatchStatus.Validating,
                CreatedAt = submission.CreatedAt,
                ExpiresAt = submission.CreatedAt + submission.ExpiresAfterSeconds,
                Metadata = submission.Metadata,
            },
            Priority = submission.Priority,
            MaxTokensTotal = submission.MaxTokensTotal,
            SubmittedMaxTokensTotal = submission.MaxTokensTotal,
            InputFileId = submission.InputFileId,
            IsSeen = false,
            IsUploaded = await store.ExistsAsync(submission.Input.Path, cancellationToken),
        };
    }

    /// <summary>The manifest of a batch, or null while it isn't done.</summary>
    public Task<BatchManifest?> TryReadManifestAsync(string batchId, CancellationToken cancellationToken) =>
        store.TryReadJsonAsync<BatchManifest>(BatchPaths.Manifest(batchId), cancellationToken);

    /// <summary>That there is no such batch.</summary>
    public static BatchClientException Unknown(string batchId) => new(
        BatchClientProblem.UnknownBatch,
        $"The store has no batch '{(batchId.Length <= BatchPaths.MaxIdLength ? batchId : batchId[..BatchPaths.MaxIdLength] + "...")}'; " +
        "check the id and the store.");

    private async Task<BatchSnapshot> ReadAsync(BatchState state, CancellationToken cancellationToken)
    {
        var batch = state.Batch;

        // The manifest is the commit point: it may be there for a moment before the state says so.
        if (batch.Status == BatchStatus.Finalizing && await TryReadManifestAsync(batch.Id, cancellationToken) is { } manifest)
            batch = manifest.Batch;
        else if (batch.OutputFileId is null) batch = RunningRows.Included(state);
        return new BatchSnapshot
        {
            Batch = batch,
            Priority = state.Priority,
            MaxTokensTotal = state.MaxTokensTotal,
            SubmittedMaxTokensTotal = state.SubmittedMaxTokensTotal,
            InputFileId = state.InputFileId,
            IsSeen = true,
            IsUploaded = true,
        };
    }
}
