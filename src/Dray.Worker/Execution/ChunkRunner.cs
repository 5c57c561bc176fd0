using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Dray.Contracts;
using Dray.Worker.Input;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;
using Dray.Worker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Dray.Worker.Execution;

/// <summary>
/// Runs the rows of one chunk: those that an earlier worker finished are taken over, the others go to the engine, as many at once
/// as it takes. Each is in the store as soon as it is done; the chunk's blob, all rows in input order, is created once.
/// </summary>
internal sealed class ChunkRunner(
    IBlobStore store, BatchLedger ledger, RowRunner rows, BatchStops stops, IBatchObserver observer, WorkerSettings settings,
    ILogger<ChunkRunner> logger)
{
    /// <summary>Runs a chunk, or counts the rows of one that is there already.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; finished rows are kept.</exception>
    public async Task<ChunkResult> RunAsync(string batchId, BatchChunk chunk, CancellationToken cancellationToken)
    {
        using var span = WorkSpan.StartChunk(batchId, chunk.Index, chunk.Rows);
        var path = BatchPaths.Chunk(batchId, chunk.Index);
        var resumed = await store.ExistsAsync(path, cancellationToken);
        if (!resumed) await CreateAsync(batchId, chunk, path, cancellationToken);
        await store.DeleteAsync(BatchPaths.Part(batchId, chunk.Index), cancellationToken);
        return span.Succeed(await CountAsync(batchId, chunk.Index, path, resumed, cancellationToken));
    }

    private async Task CreateAsync(string batchId, BatchChunk chunk, string path, CancellationToken cancellationToken)
    {
        var state = await ledger.ReadAsync(batchId, cancellationToken)
            ?? throw new InvalidDataException($"The batch '{batchId}' has no state in the store; submit it again.");
        var plan = await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(batchId), cancellationToken)
            ?? throw new InvalidDataException($"The batch '{batchId}' has no plan in the store; submit it again.");
        var identities = Enumerable.Range(0, chunk.Rows)
            .Select(place => RequestIdentity.OfRow(batchId, chunk.FirstRow + place, state.Batch.CreatedAt)).ToArray();
        var renamed = plan.RenamedRows.Where(row => row.Row >= chunk.FirstRow && row.Row < chunk.FirstRow + chunk.Rows)
            .ToDictionary(row => (int)(row.Row - chunk.FirstRow));

        using var part = await ChunkPart.OpenAsync(
            store, BatchPaths.Part(batchId, chunk.Index), [.. identities.Select(identity => identity.RowId)], cancellationToken);
        var taken = part.Done;
        if (taken != ChunkTally.Empty)
        {
            logger.LogInformation(
                "Chunk {Chunk} of batch {BatchId} goes on after {Rows} of its rows.", chunk.Index, batchId, taken.Completed + taken.Failed);
            observer.Progressed(new ChunkProgress(batchId, chunk.Index, taken, taken));
        }

        using var stop = stops.Watch(state);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = settings.MaxRowsInFlight, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            PendingAsync(plan.Input.Path, chunk, part, identities, cancellationToken),
            parallel,
            async (row, token) =>
            {
                var output = await rows.RunAsync(row, renamed.GetValueOrDefault(row.Place), stop, token);
                var done = await part.AddAsync(row.Place, output);
                observer.Progressed(new ChunkProgress(batchId, chunk.Index, done, taken));
            });
        await store.TryCreateAsync(path, part.WriteToAsync, cancellationToken);
    }

    private async IAsyncEnumerable<ChunkRow> PendingAsync(
        string inputPath, BatchChunk chunk, ChunkPart part, RequestIdentity[] identities,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var input = await store.OpenReadAsync(inputPath, chunk.Offset, chunk.Length, cancellationToken);
        var place = 0;
        var reader = new BatchInputReader(settings.MaxLineBytes);
        await foreach (var line in reader.ReadAsync(input, chunk.Offset, chunk.FirstLine, cancellationToken))
        {
            if (place == chunk.Rows) throw Mismatch(inputPath, chunk, "more");
            if (!part.Has(place)) yield return new ChunkRow(place, line, identities[place]);
            place++;
        }

        if (place < chunk.Rows) throw Mismatch(inputPath, chunk, "fewer");
    }

    private static InvalidDataException Mismatch(string inputPath, BatchChunk chunk, string how) =>
        new($"The input '{inputPath}' has {how} than {chunk.Rows} rows in bytes {chunk.Offset} to {chunk.Offset + chunk.Length}: " +
            "it changed after the batch was planned. Submit it as a new batch.");

    // From the blob itself: where two workers ran the chunk, it is the winner's rows that count.
    private async Task<ChunkResult> CountAsync(string batchId, int index, string path, bool resumed, CancellationToken cancellationToken)
    {
        var tally = ChunkTally.Empty;
        using var hash = SHA256.Create();
        var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
        await using (var blob = new CryptoStream(stream, hash, CryptoStreamMode.Read))
        {
            await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(blob, cancellationToken: cancellationToken))
                tally = tally.Plus(BlobJson.Read<BatchOutputRow>(line.Bytes.Span, path));
        }

        if (resumed) observer.Progressed(new ChunkProgress(batchId, index, tally, tally));
        return new ChunkResult
        {
            Index = index,
            Completed = tally.Completed,
            Failed = tally.Failed,
            Usage = tally.Usage,
            Sha256 = Convert.ToHexStringLower(hash.Hash!),
        };
    }
}
