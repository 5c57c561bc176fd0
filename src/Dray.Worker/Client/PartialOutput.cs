using System.Runtime.CompilerServices;
using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Input;
using Dray.Worker.Ledger;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Fetches the answers that a batch has so far: of chunks that are done, and of those that are running.</summary>
internal sealed class PartialOutput(IBlobStore store)
{
    /// <summary>Writes what is there, in input order.</summary>
    public async Task<OutputResult> FetchAsync(BatchSnapshot snapshot, string folder, CancellationToken cancellationToken)
    {
        var target = OutputFolder.Open(folder);
        long completed = 0, failed = 0;
        await target.WriteAsync(async (output, errors) =>
        {
            await foreach (var (line, row) in ReadAsync(snapshot.Batch, cancellationToken))
            {
                var stream = row.IsSuccess ? output : errors;
                await stream.WriteAsync(line, cancellationToken);
                await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
                if (row.IsSuccess) completed++;
                else failed++;
            }
        });
        return new OutputResult
        {
            Batch = snapshot.Batch,
            IsPartial = true,
            Completed = completed,
            Failed = failed,
            OutputFile = target.OutputFile,
            ErrorsFile = target.ErrorsFile,
        };
    }

    /// <summary>Reads what is there, in input order.</summary>
    public async IAsyncEnumerable<(ReadOnlyMemory<byte> Line, BatchOutputRow Row)> ReadAsync(
        Batch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(batch.Id), cancellationToken) is not { } plan) yield break;

        // Rows that repeat an earlier one aren't in the chunks; they get its answer here.
        var repeats = (plan.RepeatedRows ?? []).ToDictionary(row => row.Row);
        var wanted = repeats.Values.Select(row => row.OfRow).ToHashSet();
        var kept = new Dictionary<long, BatchOutputRow>();
        foreach (var chunk in plan.Chunks)
        {
            var rows = await ReadChunkAsync(batch.Id, chunk.Index, cancellationToken);
            for (var number = chunk.FirstRow; number < chunk.FirstRow + chunk.Rows; number++)
            {
                if (repeats.TryGetValue(number, out var repeated))
                {
                    if (!kept.TryGetValue(repeated.OfRow, out var first)) continue;
                    var copy = RepeatedAnswer.Of(first, repeated, batch);
                    yield return (BlobJson.Write(copy), copy);
                }
                else if (rows.TryGetValue(RequestIdentity.OfRow(batch.Id, number, batch.CreatedAt).RowId, out var found))
                {
                    if (wanted.Contains(number)) kept.Add(number, found.Row);
                    yield return found;
                }
            }
        }
    }

    private async Task<Dictionary<string, (ReadOnlyMemory<byte> Line, BatchOutputRow Row)>> ReadChunkAsync(
        string batchId, int index, CancellationToken cancellationToken)
    {
        // A part is deleted once its chunk is there, which may happen between two looks: the chunk is looked for again then.
        var (chunk, part) = (BatchPaths.Chunk(batchId, index), BatchPaths.Part(batchId, index));
        return await TryReadAsync(chunk, cancellationToken) ?? await TryReadAsync(part, cancellationToken)
            ?? await TryReadAsync(chunk, cancellationToken) ?? [];
    }

    private async Task<Dictionary<string, (ReadOnlyMemory<byte> Line, BatchOutputRow Row)>?> TryReadAsync(
        string path, CancellationToken cancellationToken)
    {
        try
        {
            if (!await store.ExistsAsync(path, cancellationToken)) return null;
            var rows = new Dictionary<string, (ReadOnlyMemory<byte> Line, BatchOutputRow Row)>(StringComparer.Ordinal);
            await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
            await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(stream, cancellationToken: cancellationToken))
            {
                // A line that a worker left half written belongs to a row that isn't done.
                if (TryRead(line.Bytes.Span) is { } row) rows.TryAdd(row.Id, (line.Bytes, row));
            }

            return rows;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static BatchOutputRow? TryRead(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize<BatchOutputRow>(line, ContractsJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
