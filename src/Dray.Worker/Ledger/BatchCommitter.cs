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
internal sealed class BatchCommitter(
    IBlobStore store, BatchLedger ledger, BatchPlanner planner, IInferenceEngine engine, TimeProvider time)
{
    private static readonly string Version =
        typeof(BatchCommitter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>
    /// Reads the manifest of a batch, or gives null while the batch isn't done. The state says the same afterwards: whoever committed the
    /// batch may have died before it did.
    /// </summary>
    public async Task<CommittedManifest?> TrySettleAsync(string batchId, CancellationToken cancellationToken)
    {
        var path = BatchPaths.Manifest(batchId);
        if (await store.TryReadAsync(path, cancellationToken) is not { } content) return null;
        var hash = Convert.ToHexStringLower(SHA256.HashData(content.Bytes.Span));
        var manifest = BlobJson.Read<BatchManifest>(content.Bytes.Span, path);
        await ledger.FinishAsync(manifest, cancellationToken);
        return new CommittedManifest(manifest, new BlobDigest { Path = path, Bytes = content.Bytes.Length, Sha256 = hash });
    }

    /// <summary>Commits a batch whose chunks are all done.</summary>
    public async Task<CommittedManifest> CommitAsync(string batchId, CancellationToken cancellationToken)
    {
        using var span = WorkSpan.StartCommit(batchId);
        var state = await ledger.FinalizeAsync(batchId, cancellationToken);
        var plan = await planner.ReadAsync(batchId, cancellationToken);
        var rows = new BatchRows(store, state, plan);
        var stopped = new HashSet<string>(StringComparer.Ordinal);
        var output = await ComposeAsync(
            BatchPaths.Output(batchId), (target, token) => rows.WriteAsync(target, succeeded: true, null, token), cancellationToken);
        var errors = await ComposeAsync(
            BatchPaths.Errors(batchId),
            (target, token) => rows.WriteAsync(
                target,
                succeeded: false,
                row =>
                {
                    if (row.Error is { } error) stopped.Add(error.Code);
                },
                token),
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
        var committed = await TrySettleAsync(batchId, cancellationToken)
            ?? throw new FileNotFoundException($"The manifest of batch '{batchId}' was written but is gone.");
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

    private async Task<BlobDigest> ComposeAsync(string path, Func<Stream, CancellationToken, Task> compose, CancellationToken cancellationToken)
    {
        BlobDigest? digest = null;
        await store.PutAsync(
            path,
            async (target, token) =>
            {
                await using var hashed = new HashedStream(target);
                await compose(hashed, token);
                digest = new BlobDigest { Path = path, Bytes = hashed.Bytes, Sha256 = hashed.Finish() };
            },
            cancellationToken);
        return digest!;
    }
}
