using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Http.Files;

/// <summary>The files of batches, by ids that are made of the batch's: what it gave, and what it was given.</summary>
internal sealed class BatchOutputs(IBlobStore store)
{
    private const string OutputSuffix = "-output";
    private const string ErrorsSuffix = "-errors";
    private const string InputSuffix = "-input";

    /// <summary>The id of a batch's rows that succeeded.</summary>
    public static string OutputOf(string batchId) => batchId + OutputSuffix;

    /// <summary>The id of a batch's rows that failed.</summary>
    public static string ErrorsOf(string batchId) => batchId + ErrorsSuffix;

    /// <summary>The id of a batch's input.</summary>
    public static string InputOf(string batchId) => batchId + InputSuffix;

    /// <summary>A file of a batch, or null where there is none: the id isn't one, or the batch isn't done.</summary>
    public async Task<StoredFile?> TryReadAsync(string fileId, CancellationToken cancellationToken)
    {
        var dash = fileId.LastIndexOf('-');
        if (dash < 0 || !BatchPaths.IsId(fileId[..dash])) return null;
        var batchId = fileId[..dash];
        return fileId[dash..] switch
        {
            OutputSuffix => await ReadManifestAsync(batchId) is { } manifest ? Of(manifest.Output, EndOf(manifest.Batch), BatchFile.OutputPurpose) : null,
            ErrorsSuffix => await ReadManifestAsync(batchId) is { } manifest ? Of(manifest.Errors, EndOf(manifest.Batch), BatchFile.OutputPurpose) : null,
            InputSuffix => await ReadInputAsync(batchId, cancellationToken) is var (input, createdAt) ? Of(input, createdAt, BatchFile.InputPurpose) : null,
            _ => null,
        };

        Task<BatchManifest?> ReadManifestAsync(string id) => store.TryReadJsonAsync<BatchManifest>(BatchPaths.Manifest(id), cancellationToken);

        StoredFile Of(BlobDigest content, long createdAt, string purpose) => new()
        {
            File = new BatchFile { Id = fileId, Bytes = content.Bytes, CreatedAt = createdAt, FileName = fileId + ".jsonl", Purpose = purpose },
            Content = content,
        };
    }

    // What a client submitted, or what workers found where a producer had uploaded it by itself.
    private async Task<(BlobDigest Input, long CreatedAt)?> ReadInputAsync(string batchId, CancellationToken cancellationToken)
    {
        if (await store.TryReadJsonAsync<BatchSubmission>(BatchPaths.Submission(batchId), cancellationToken) is { } submission)
            return (submission.Input, submission.CreatedAt);
        return await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(batchId), cancellationToken) is { } plan
            && await store.TryReadJsonAsync<BatchState>(BatchPaths.State(batchId), cancellationToken) is { } state
            ? (plan.Input, state.Batch.CreatedAt)
            : null;
    }

    private static long EndOf(Batch batch) => batch.CompletedAt ?? batch.CancelledAt ?? batch.ExpiredAt ?? batch.CreatedAt;
}
