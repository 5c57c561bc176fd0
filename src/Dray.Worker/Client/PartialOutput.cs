using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Client;

/// <summary>Fetches the answers that a batch has so far: of chunks that are done, and of those that are running.</summary>
internal sealed class PartialOutput(IBlobStore store)
{
    /// <summary>Writes what is there, in input order.</summary>
    public async Task<OutputResult> FetchAsync(BatchSnapshot snapshot, string folder, CancellationToken cancellationToken)
    {
        var batchId = snapshot.Batch.Id;
        var target = OutputFolder.Open(folder);
        var plan = await store.TryReadJsonAsync<BatchPlan>(BatchPaths.Plan(batchId), cancellationToken);
        long completed = 0, failed = 0;
        await target.WriteAsync(async (output, errors) =>
        {
            foreach (var chunk in plan?.Chunks ?? [])
            {
                await foreach (var (line, row) in ReadAsync(snapshot.Batch, chunk, cancellationToken))
                {
                    var stream = row.IsSuccess ? output : errors;
                    await stream.WriteAsync(line, cancellationToken);
                    await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
                    if (row.IsSuccess) completed++;
                    else failed++;
                }
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

    private async IAsyncEnumerable<(ReadOnlyMemory<byte> Line, BatchOutputRow Row)> ReadAsync(
        Batch batch, BatchChunk chunk, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A part is deleted once its chunk is there, which may happen between two looks: the chunk is looked for again then.
        var path = BatchPaths.Chunk(batch.Id, chunk.Index);
        if (!await store.ExistsAsync(path, cancellationToken))
        {
            if (await TryReadPartAsync(batch, chunk, cancellationToken) is { } rows)
            {
                foreach (var row in rows) yield return row;
                yield break;
            }

            if (!await store.ExistsAsync(path, cancellationToken)) yield break;
        }

        await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
        await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(stream, cancellationToken: cancellationToken))
            yield return (line.Bytes, BlobJson.Read<BatchOutputRow>(line.Bytes.Span, path));
    }

    private async Task<IReadOnlyList<(ReadOnlyMemory<byte> Line, BatchOutputRow Row)>?> TryReadPartAsync(
        Batch batch, BatchChunk chunk, CancellationToken cancellationToken)
    {
        var path = BatchPaths.Part(batch.Id, chunk.Index);
        try
        {
            if (!await store.ExistsAsync(path, cancellationToken)) return null;
            var places = Enumerable.Range(0, chunk.Rows)
                .ToDictionary(place => RequestIdentity.OfRow(batch.Id, chunk.FirstRow + place, batch.CreatedAt).RowId);
            var rows = new SortedDictionary<int, (ReadOnlyMemory<byte> Line, BatchOutputRow Row)>();
            await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
            await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(stream, cancellationToken: cancellationToken))
            {
                // A line that a worker left half written belongs to a row that isn't done.
                if (TryRead(line.Bytes.Span) is { } row && places.TryGetValue(row.Id, out var place)) rows.TryAdd(place, (line.Bytes, row));
            }

            return [.. rows.Values];
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
