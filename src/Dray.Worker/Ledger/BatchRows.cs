using System.Runtime.CompilerServices;
using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Ledger;

/// <summary>
/// All rows of a batch whose chunks are done, in input order. Rows that repeat an earlier one aren't in the chunks; they get its answer
/// here.
/// </summary>
internal sealed class BatchRows(IBlobStore store, BatchState state, BatchPlan plan)
{
    private static readonly byte[] EndOfLine = "\n"u8.ToArray();

    /// <summary>Writes the rows that have an answer, or those that have none.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="succeeded">Which.</param>
    /// <param name="onRow">Is told each row that was looked at; those of a chunk all of whose rows are wanted aren't.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task WriteAsync(Stream target, bool succeeded, Action<BatchOutputRow>? onRow, CancellationToken cancellationToken)
    {
        if (plan.RepeatedRows.Count > 0)
        {
            await foreach (var (line, row) in ReadAsync(cancellationToken)) await WriteAsync(line, row);
            return;
        }

        foreach (var result in state.Chunks)
        {
            var (wanted, others) = succeeded ? (result.Completed, result.Failed) : (result.Failed, result.Completed);
            if (wanted == 0) continue;
            var path = BatchPaths.Chunk(state.Batch.Id, result.Index);
            if (others == 0 && onRow is null)
            {
                await using var chunk = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
                await chunk.CopyToAsync(target, cancellationToken);
                continue;
            }

            await foreach (var (line, row) in ReadChunkAsync(path, cancellationToken)) await WriteAsync(line, row);
        }

        async Task WriteAsync(ReadOnlyMemory<byte> line, BatchOutputRow row)
        {
            onRow?.Invoke(row);
            if (row.IsSuccess != succeeded) return;
            await target.WriteAsync(line, cancellationToken);
            await target.WriteAsync(EndOfLine, cancellationToken);
        }
    }

    private async IAsyncEnumerable<(ReadOnlyMemory<byte> Line, BatchOutputRow Row)> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // An answer is kept from its row to the last that repeats it.
        var wanted = plan.RepeatedRows.CountBy(row => row.OfRow).ToDictionary();
        var kept = new Dictionary<long, BatchOutputRow>();
        using var repeats = plan.RepeatedRows.GetEnumerator();
        var repeated = repeats.MoveNext() ? repeats.Current : null;
        foreach (var chunk in plan.Chunks)
        {
            var path = BatchPaths.Chunk(state.Batch.Id, chunk.Index);
            await using var rows = ReadChunkAsync(path, cancellationToken).GetAsyncEnumerator(cancellationToken);
            for (var number = chunk.FirstRow; number < chunk.FirstRow + chunk.Rows; number++)
            {
                if (repeated?.Row == number)
                {
                    var copy = RepeatedAnswer.Of(kept[repeated.OfRow], repeated, state.Batch);
                    if (--wanted[repeated.OfRow] == 0) kept.Remove(repeated.OfRow);
                    repeated = repeats.MoveNext() ? repeats.Current : null;
                    yield return (BlobJson.Write(copy), copy);
                    continue;
                }

                if (!await rows.MoveNextAsync()) throw new InvalidDataException($"The chunk '{path}' has too few rows; submit the batch again.");
                if (wanted.ContainsKey(number)) kept.Add(number, rows.Current.Row);
                yield return rows.Current;
            }
        }
    }

    private async IAsyncEnumerable<(ReadOnlyMemory<byte> Line, BatchOutputRow Row)> ReadChunkAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var chunk = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
        await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(chunk, cancellationToken: cancellationToken))
            yield return (line.Bytes, BlobJson.Read<BatchOutputRow>(line.Bytes.Span, path));
    }
}
