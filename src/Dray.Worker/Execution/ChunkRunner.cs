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
    IBlobStore store, BatchLedger ledger, BatchPlanner planner, RowRunner rows, BatchStops stops, IBatchObserver observer,
    WorkerSettings settings, ILogger<ChunkRunner> logger)
{
    private const string WholeChunk = "chunk";

    /// <summary>Workers may be killed or lose their machine; only one that dies again and again has met a row that kills it.</summary>
    private const int DeathsBeforeSuspicion = 2;

    /// <summary>Runs a chunk, or counts the rows of one that is there already.</summary>
    /// <param name="batchId">The batch.</param>
    /// <param name="chunk">Which of its rows.</param>
    /// <param name="handBack">Cancelled when no further row is to begin.</param>
    /// <param name="cancellationToken">Cancelled when those that run are to be given up too.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; finished rows are kept.</exception>
    public async Task<ChunkOutcome> RunAsync(string batchId, BatchChunk chunk, CancellationToken handBack, CancellationToken cancellationToken)
    {
        using var span = WorkSpan.StartChunk(batchId, chunk.Index, chunk.Rows);
        var path = BatchPaths.Chunk(batchId, chunk.Index);
        var state = await ledger.ReadAsync(batchId, cancellationToken)
            ?? throw new InvalidDataException($"The batch '{batchId}' has no state in the store; submit it again.");
        var plan = await planner.ReadAsync(batchId, cancellationToken);
        var places = ChunkPlace.Of(plan, chunk, state.Batch);
        var resumed = await store.ExistsAsync(path, cancellationToken);
        if (!resumed)
        {
            var now = state.Batch.ExpiresAt is null ? default : await store.ReadClockAsync(cancellationToken);
            using var stop = stops.Watch(state, chunk.Index, now);
            var part = await ChunkPart.OpenAsync(store, BatchPaths.Part(batchId, chunk.Index), places, cancellationToken);
            await RunRowsAsync(state, plan.Input.Path, chunk, places, part, stop, handBack, cancellationToken);
            if (!part.IsComplete)
            {
                await ledger.ReportAsync(batchId, part.Done.Of(chunk.Index), cancellationToken);
                return new ChunkOutcome(null, stop.Suspended.IsCancellationRequested ? stop.Reason : null);
            }

            await store.TryCreateAsync(path, part.WriteToAsync, cancellationToken);
        }

        await store.DeleteAsync(BatchPaths.Part(batchId, chunk.Index), cancellationToken);
        await store.DeleteAsync(BatchPaths.Attempts(batchId, chunk.Index), cancellationToken);
        return new ChunkOutcome(span.Succeed(await CountAsync(batchId, chunk, places, resumed, cancellationToken)), null);
    }

    private async Task RunRowsAsync(
        BatchState state, string inputPath, BatchChunk chunk, ChunkPlace[] places, ChunkPart part, BatchStop stop, CancellationToken handBack,
        CancellationToken cancellationToken)
    {
        var batchId = state.Batch.Id;
        var taken = part.Done;
        if (taken != ChunkTally.Empty)
        {
            logger.LogInformation(
                "Chunk {Chunk} of batch {BatchId} goes on after {Rows} of its rows.", chunk.Index, batchId, taken.Completed + taken.Failed);
            observer.Progressed(new ChunkProgress(batchId, chunk.Index, taken, taken));
        }

        stop.Advance(taken);
        var attempts = await AttemptLog.OpenAsync(store, BatchPaths.Attempts(batchId, chunk.Index), cancellationToken);
        var isSuspect = attempts.Deaths(WholeChunk) >= DeathsBeforeSuspicion;
        if (isSuspect)
        {
            logger.LogWarning(
                "Workers died {Deaths} times while they ran chunk {Chunk} of batch {BatchId}; the rows left run one at a time, so that the one to blame is found.",
                attempts.Deaths(WholeChunk), chunk.Index, batchId);
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(handBack, stop.Suspended);
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = isSuspect ? 1 : settings.MaxRowsInFlight,
            CancellationToken = cancellationToken,
        };
        await attempts.NoteAsync(
            WholeChunk,
            () => Parallel.ForEachAsync(
                PendingAsync(inputPath, chunk, places, part, waiting.Token, cancellationToken),
                parallel,
                async (row, token) =>
                {
                    var run = new RowRun(row, state.Priority, stop, waiting.Token);
                    var output = isSuspect ? await rows.RunAloneAsync(run, attempts, token) : await rows.RunAsync(run, token);
                    if (output is null) return;
                    var done = await part.AddAsync(row.Number, output);
                    stop.Advance(done);
                    observer.Progressed(new ChunkProgress(batchId, chunk.Index, done, taken));
                }),
            cancellationToken);
    }

    private async IAsyncEnumerable<ChunkRow> PendingAsync(
        string inputPath, BatchChunk chunk, ChunkPlace[] places, ChunkPart part, CancellationToken waiting,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var input = await store.OpenReadAsync(inputPath, chunk.Offset, chunk.Length, cancellationToken);
        var number = 0;
        var reader = new BatchInputReader(settings.MaxLineBytes);
        await foreach (var line in reader.ReadAsync(input, chunk.Offset, chunk.FirstLine, cancellationToken))
        {
            if (waiting.IsCancellationRequested) yield break;
            if (number == chunk.Rows) throw Mismatch(inputPath, chunk, "more");
            if (places[number].Times > 0 && !part.Has(number)) yield return new ChunkRow(number, line, places[number]);
            number++;
        }

        if (number < chunk.Rows) throw Mismatch(inputPath, chunk, "fewer");
    }

    private static InvalidDataException Mismatch(string inputPath, BatchChunk chunk, string how) =>
        new($"The input '{inputPath}' has {how} than {chunk.Rows} rows in bytes {chunk.Offset} to {chunk.Offset + chunk.Length}: " +
            "it changed after the batch was planned. Submit it as a new batch.");

    // From the blob itself: where two workers ran the chunk, it is the winner's rows that count.
    private async Task<ChunkResult> CountAsync(
        string batchId, BatchChunk chunk, ChunkPlace[] places, bool resumed, CancellationToken cancellationToken)
    {
        var path = BatchPaths.Chunk(batchId, chunk.Index);
        var tally = ChunkTally.Empty;
        var ran = places.Where(place => place.Times > 0).GetEnumerator();
        using var hash = SHA256.Create();
        var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
        await using (var blob = new CryptoStream(stream, hash, CryptoStreamMode.Read))
        {
            await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(blob, cancellationToken: cancellationToken))
            {
                if (!ran.MoveNext()) throw new InvalidDataException($"The chunk '{path}' has more rows than were to run; submit the batch again.");
                tally = tally.Plus(BlobJson.Read<BatchOutputRow>(line.Bytes.Span, path), ran.Current.Times);
            }
        }

        if (resumed) observer.Progressed(new ChunkProgress(batchId, chunk.Index, tally, tally));
        return new ChunkResult
        {
            Index = chunk.Index,
            Completed = tally.Completed,
            Failed = tally.Failed,
            Usage = tally.Usage,
            Sha256 = Convert.ToHexStringLower(hash.Hash!),
        };
    }
}
