using System.Security.Cryptography;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>
/// Brings a batch into the store and tells the workers. Every step can be repeated: what is in the store already stays, so that the same
/// call goes on after an interruption. The submission is claimed first; two clients that mean different things by one key can't mix.
/// </summary>
internal sealed class BatchSubmitter(IBlobStore store, Func<CancellationToken, Task<IMessageSender>> sender, TimeProvider time)
{
    private const int PicturesAtOnce = 8;
    private const int BufferBytes = 1 << 18;

    /// <summary>Submits.</summary>
    /// <param name="batchId">The id.</param>
    /// <param name="scan">What the input was when it was looked at.</param>
    /// <param name="pictures">Reads its pictures.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="cancellationToken">Stops; calling again goes on.</param>
    /// <exception cref="BatchClientException">The key has another meaning, or the input changed after it was looked at.</exception>
    public async Task<SubmitResult> SubmitAsync(
        string batchId, InputScan scan, PictureSource pictures, SubmitOptions options, CancellationToken cancellationToken)
    {
        var broker = await sender(cancellationToken);
        var wanted = SubmissionOf(batchId, scan, options);
        var isNew = await store.TryCreateAsync(BatchPaths.Submission(batchId), BlobJson.Write(wanted), cancellationToken);
        var submission = isNew ? wanted : await ReadAsync(batchId, cancellationToken);
        if (SubmissionConflict.Find(submission, wanted) is { } differences)
        {
            throw new BatchClientException(
                BatchClientProblem.KeyConflict,
                $"The key '{options.Key}' stands for another batch already, {batchId}: {differences}. Submit this under another key, or the " +
                "same as before under this one.");
        }

        var state = isNew ? null : await store.TryReadJsonAsync<BatchState>(BatchPaths.State(batchId), cancellationToken);
        await UploadAsync(batchId, scan, pictures, cancellationToken);
        await BlobIndex.OfBatches(store).AddAsync(batchId, state?.Batch.CreatedAt ?? submission.CreatedAt, cancellationToken);
        var message = Message(batchId, submission) with { MaxTokensTotal = options.MaxTokensTotal };
        await broker.SendAsync(message, submission.Priority, cancellationToken);
        return new SubmitResult
        {
            BatchId = batchId,
            Rows = scan.Rows,
            Bytes = scan.Bytes,
            Pictures = scan.Pictures.Count,
            MissingPictures = scan.MissingPictures,
            UnreadableRows = scan.UnreadableRows,
            ExpiresAt = message.ExpiresAt,
            IsRepeated = !isNew,
            EarlierStatus = state?.Batch.Status,
        };
    }

    /// <summary>What workers are told of a submission.</summary>
    public static SubmitBatch Message(string batchId, BatchSubmission submission) => new()
    {
        BatchId = batchId,
        ExpiresAt = submission.CreatedAt + submission.ExpiresAfterSeconds,
        Priority = submission.Priority,
        MaxTokensTotal = submission.MaxTokensTotal,
        Metadata = submission.Metadata,
    };

    private static BatchClientException Changed(string what) => new(
        BatchClientProblem.InputRefused, $"{what} changed while it was being submitted; submit again once nothing writes to it.");

    private async Task<BatchSubmission> ReadAsync(string batchId, CancellationToken cancellationToken) =>
        await store.TryReadJsonAsync<BatchSubmission>(BatchPaths.Submission(batchId), cancellationToken)
        ?? throw new FileNotFoundException($"The submission of batch '{batchId}' was there but is gone.");

    private BatchSubmission SubmissionOf(string batchId, InputScan scan, SubmitOptions options) => new()
    {
        InputFileId = options.InputFileId,
        Input = new BlobDigest { Path = BatchPaths.Input(batchId), Bytes = scan.Bytes, Sha256 = scan.Sha256 },
        Images =
        [
            .. scan.Pictures.Select(picture => new BlobDigest
            {
                Path = BatchPaths.Images(batchId) + picture.Name,
                Bytes = picture.Bytes,
                Sha256 = picture.Sha256,
            }),
        ],
        Priority = options.Priority,
        MaxTokensTotal = options.MaxTokensTotal,
        ExpiresAfterSeconds = (long?)options.Expires?.TotalSeconds,
        CreatedAt = time.GetUtcNow().ToUnixTimeSeconds(),
        Metadata = options.Metadata is { Count: > 0 } pairs ? new SortedDictionary<string, string>(pairs.ToDictionary(), StringComparer.Ordinal) : null,
    };

    private async Task UploadAsync(string batchId, InputScan scan, PictureSource pictures, CancellationToken cancellationToken)
    {
        if (scan.Pictures.Count > 0)
        {
            var there = new HashSet<string>(StringComparer.Ordinal);
            await foreach (var path in store.ListAsync(BatchPaths.Images(batchId), cancellationToken)) there.Add(path);
            var missing = scan.Pictures.Where(picture => !there.Contains(BatchPaths.Images(batchId) + picture.Name));
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = PicturesAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(missing, parallel, async (picture, token) =>
            {
                var content = await ReadAgainAsync(pictures, picture, token);
                if (Convert.ToHexStringLower(SHA256.HashData(content.Span)) != picture.Sha256) throw Changed($"The picture '{picture.Path}'");
                await store.TryCreateAsync(BatchPaths.Images(batchId) + picture.Name, content, token);
            });
        }

        // The input comes last: an input that is there has its pictures.
        var input = BatchPaths.Input(batchId);
        if (await store.ExistsAsync(input, cancellationToken)) return;
        await store.TryCreateAsync(input, (target, token) => CopyAsync(scan, target, token), cancellationToken);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAgainAsync(PictureSource pictures, ScannedPicture picture, CancellationToken cancellationToken)
    {
        try
        {
            return await pictures(picture.Path, cancellationToken);
        }
        catch (RequestRejectedException)
        {
            throw Changed($"The picture '{picture.Path}'");
        }
    }

    private static async Task CopyAsync(InputScan scan, Stream target, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var source = await scan.Source.Open(cancellationToken);
        var buffer = new byte[BufferBytes];
        for (int read; (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != scan.Sha256) throw Changed($"The input '{scan.Source.Name}'");
    }
}
