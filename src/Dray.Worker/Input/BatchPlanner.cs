using System.Security.Cryptography;
using Dray.Contracts;
using Dray.Worker.Storage;

namespace Dray.Worker.Input;

/// <summary>
/// Cuts an input into chunks in one pass, and finds rows without a <c>custom_id</c> of their own. The plan is written once.
/// </summary>
internal sealed class BatchPlanner(IBlobStore store, WorkerSettings settings)
{
    /// <summary>Bytes of JSON that one token is taken for.</summary>
    private const int BytesPerToken = 4;

    /// <summary>The most tokens one row is taken for: pictures are long in bytes, not in tokens.</summary>
    private const int MaxTokensPerRow = 16_384;

    private volatile Planned? _last;

    /// <summary>Reads the plan of a batch that has begun.</summary>
    /// <exception cref="InvalidDataException">It has none.</exception>
    public async Task<BatchPlan> ReadAsync(string batchId, CancellationToken cancellationToken)
    {
        // A plan never changes, and the chunks of a batch follow one another.
        if (_last is { } last && last.BatchId == batchId) return last.Plan;
        var plan = await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(batchId), cancellationToken)
            ?? throw new InvalidDataException($"The batch '{batchId}' has no plan in the store; submit it again.");
        _last = new Planned(batchId, plan);
        return plan;
    }

    /// <summary>Reads the plan of a batch, or makes it.</summary>
    /// <exception cref="BatchRefusedException">The input as a whole can't be run.</exception>
    public async Task<BatchPlan> PlanAsync(string batchId, string inputPath, CancellationToken cancellationToken)
    {
        var path = BatchPaths.Plan(batchId);
        if (await store.TryReadJsonAsync<BatchPlan>(path, cancellationToken) is { } existing) return existing;
        var plan = await ScanAsync(inputPath, cancellationToken);
        await store.TryCreateAsync(path, BlobJson.Write(plan), cancellationToken);
        return await store.TryReadJsonAsync<BatchPlan>(path, cancellationToken)
            ?? throw new FileNotFoundException($"The plan '{path}' was written but is gone.");
    }

    private async Task<BatchPlan> ScanAsync(string inputPath, CancellationToken cancellationToken)
    {
        using var hash = SHA256.Create();
        await using var counted = new CountedStream(await OpenAsync(inputPath, cancellationToken));
        await using var input = new CryptoStream(counted, hash, CryptoStreamMode.Read, leaveOpen: true);
        var chunks = new ChunkCutter(settings.ChunkRows, settings.ChunkTokens);
        var names = new RowNames();
        var repeats = new RowRepeats();
        long rows = 0, end = 0;
        await foreach (var line in new BatchInputReader(settings.MaxLineBytes).ReadAsync(input, cancellationToken: cancellationToken))
        {
            if (rows == settings.MaxRows)
                throw new BatchRefusedException(
                    $"The input has more than {settings.MaxRows} rows; split it, or raise the limit of rows.", line.Number);
            chunks.Add(line, rows, (int)Math.Min(line.Length / BytesPerToken, MaxTokensPerRow));
            var customId = CustomIdReader.TryRead(line.Bytes.Span, out var value);
            if (names.Add(rows, line.Number, customId)) repeats.Add(rows, customId!, line.Bytes.Span, value);
            end = line.Offset + line.Length;
            rows++;
        }

        if (rows == 0) throw new BatchRefusedException("The input has no rows; write one JSON object per line.");
        return new BatchPlan
        {
            Input = new BlobDigest { Path = inputPath, Bytes = counted.Bytes, Sha256 = Convert.ToHexStringLower(hash.Hash!) },
            Rows = rows,
            Chunks = chunks.Finish(end),
            RenamedRows = names.Renamed(),
            RepeatedRows = repeats.Repeated,
        };
    }

    private async Task<Stream> OpenAsync(string inputPath, CancellationToken cancellationToken)
    {
        try
        {
            return await store.OpenReadAsync(inputPath, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            throw new BatchRefusedException($"The store has no input '{inputPath}'; upload it before submitting the batch.", inner: e);
        }
    }

    private sealed record Planned(string BatchId, BatchPlan Plan);
}
