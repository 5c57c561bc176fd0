using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Makes a new batch of the rows that another one has left without an answer.</summary>
internal sealed class BatchRetry(IBlobStore store, BatchSubmitter submitter)
{
    /// <summary>The metadata that names the batch whose rows are tried again.</summary>
    public const string RetryOf = "retry_of";

    /// <summary>Submits the rows; the same call again is the same batch.</summary>
    public async Task<RetryResult> RunAsync(
        BatchManifest manifest, bool includeUnfinished, long? maxTokensTotal, CancellationToken cancellationToken)
    {
        var rows = new FailedRows(store);
        var (failed, unfinished) = await rows.ReadAsync(manifest, cancellationToken);
        var result = new RetryResult { Failed = failed.Count, Unfinished = unfinished.Count };
        if (includeUnfinished) failed.UnionWith(unfinished);
        if (failed.Count == 0) return result;
        var file = Path.GetTempFileName();
        try
        {
            await rows.CopyAsync(manifest, failed, file, cancellationToken);
            var options = await OptionsAsync(manifest.Batch, maxTokensTotal, cancellationToken);
            var scan = await new InputScanner(ReadPictureAsync).ScanAsync(InputSource.OfFile(file), cancellationToken);
            var batchId = BatchIdentity.OfRetry(manifest, includeUnfinished);
            return result with { Submitted = await submitter.SubmitAsync(batchId, scan, ReadPictureAsync, options, cancellationToken) };
        }
        finally
        {
            File.Delete(file);
        }

        Task<ReadOnlyMemory<byte>> ReadPictureAsync(string path, CancellationToken token) =>
            ReadAsync(BatchPaths.Image(manifest.Batch.Id, path), token);
    }

    private async Task<SubmitOptions> OptionsAsync(Batch batch, long? maxTokensTotal, CancellationToken cancellationToken)
    {
        var earlier = await store.TryReadJsonAsync<BatchSubmission>(BatchPaths.Submission(batch.Id), cancellationToken);
        return new SubmitOptions
        {
            Priority = earlier?.Priority ?? JobPriority.Normal,
            Expires = earlier?.ExpiresAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            MaxTokensTotal = maxTokensTotal,
            Metadata = new Dictionary<string, string>(batch.Metadata ?? new Dictionary<string, string>(), StringComparer.Ordinal)
            {
                [RetryOf] = batch.Id,
            },
        };
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content, cancellationToken);
            return content.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ImageNotFound, $"The store has no picture '{path}'; the row that names it will fail.", "messages", e);
        }
    }
}
