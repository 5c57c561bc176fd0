using System.Reflection;
using System.Security.Cryptography;
using Dray.Contracts;
using Dray.Inference;
using Dray.Worker.Input;
using Dray.Worker.Storage;
using Dray.Worker.Telemetry;

namespace Dray.Worker.Ledger;

/// <summary>
/// Puts the output files of a batch together from its chunks, and commits it by creating its manifest. Two workers may do so at
/// once: they write the same files, and the first manifest holds.
/// </summary>
internal sealed class BatchCommitter(IBlobStore store, BatchLedger ledger, IInferenceEngine engine, TimeProvider time)
{
    private static readonly string Version =
        typeof(BatchCommitter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Reads the manifest of a batch, or gives null while the batch isn't done.</summary>
    public async Task<CommittedManifest?> TryReadAsync(string batchId, CancellationToken cancellationToken)
    {
        var path = BatchPaths.Manifest(batchId);
        if (await store.TryReadAsync(path, cancellationToken) is not { } content) return null;
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Bytes.Span));
        return new CommittedManifest(
            BlobJson.Read<BatchManifest>(content.Bytes.Span, path),
            new BlobDigest { Path = path, Bytes = content.Bytes.Length, Sha256 = hash });
    }

    /// <summary>Commits a batch whose chunks are all done.</summary>
    public async Task<CommittedManifest> CommitAsync(string batchId, CancellationToken cancellationToken)
    {
        using var span = WorkSpan.StartCommit(batchId);
        var state = await ledger.FinalizeAsync(batchId, cancellationToken);
        var plan = await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(batchId), cancellationToken)
            ?? throw new InvalidDataException($"The batch '{batchId}' has no plan in the store; submit it again.");
        var stopped = new HashSet<string>(StringComparer.Ordinal);
        var output = await ComposeAsync(BatchPaths.Output(batchId), state, row => row.IsSuccess, cancellationToken);
        var errors = await ComposeAsync(
            BatchPaths.Errors(batchId),
            state,
            row =>
            {
                if (row.Error is { } error) stopped.Add(error.Code);
                return !row.IsSuccess;
            },
            cancellationToken);
        var manifest = new BatchManifest
        {
            Batch = Close(state.Batch with { OutputFileId = output.Path, ErrorFileId = errors.Path }, stopped),
            Input = plan.Input,
            Output = output,
            Errors = errors,
            Engine = new EngineIdentity
            {
                Version = Version,
                Backend = engine.Model.Backend,
                Model = engine.Model.Name,
                ModelDigest = engine.Model.Digest,
            },
            Chunks = state.Chunks,
        };
        WorkSpan.CountCommit(await store.TryCreateAsync(BatchPaths.Manifest(batchId), BlobJson.Write(manifest), cancellationToken));
        var committed = await TryReadAsync(batchId, cancellationToken)
            ?? throw new FileNotFoundException($"The manifest of batch '{batchId}' was written but is gone.");
        await ledger.FinishAsync(committed.Manifest, cancellationToken);
        return span.Succeed(committed);
    }

    // What became of the rows decides, not what was asked: a batch whose last row finished before the cancel request is complete.
    private Batch Close(Batch batch, HashSet<string> stopped)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (stopped.Contains(ErrorCodes.BatchCancelled)) return batch with { Status = BatchStatus.Cancelled, CancelledAt = now };
        if (stopped.Contains(ErrorCodes.BatchExpired)) return batch with { Status = BatchStatus.Expired, ExpiredAt = now };
        return batch with { Status = BatchStatus.Completed, CompletedAt = now };
    }

    private async Task<BlobDigest> ComposeAsync(
        string path, BatchState state, Func<BatchOutputRow, bool> isWanted, CancellationToken cancellationToken)
    {
        using var hash = SHA256.Create();
        long bytes = 0;
        await store.PutAsync(
            path,
            async (target, token) =>
            {
                hash.Initialize();
                bytes = 0;
                await using var stream = new CryptoStream(target, hash, CryptoStreamMode.Write, leaveOpen: true);
                for (var index = 0; index < state.ChunkCount; index++)
                {
                    var chunk = BatchPaths.Chunk(state.Batch.Id, index);
                    await using var rows = await store.OpenReadAsync(chunk, cancellationToken: token);
                    await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(rows, cancellationToken: token))
                    {
                        if (!isWanted(BlobJson.Read<BatchOutputRow>(line.Bytes.Span, chunk))) continue;
                        await stream.WriteAsync(line.Bytes, token);
                        await stream.WriteAsync("\n"u8.ToArray(), token);
                        bytes += line.Bytes.Length + 1;
                    }
                }
            },
            cancellationToken);
        return new BlobDigest { Path = path, Bytes = bytes, Sha256 = Convert.ToHexStringLower(hash.Hash!) };
    }
}
