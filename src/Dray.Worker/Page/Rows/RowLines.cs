using Dray.Contracts;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Page.Rows;

/// <summary>Reads lines of a batch's input, and of its answers, without what stands between them.</summary>
internal sealed class RowLines(IBlobStore store, WorkerSettings settings)
{
    // Answers that are this close together are read in one piece, so long as it isn't larger than a piece may be.
    private const int GapBytes = 64 * 1024;
    private const int PieceBytes = 8 * 1024 * 1024;

    /// <summary>The input's lines of some rows of one chunk, which are in order; a line that is too long is empty.</summary>
    public async Task<Dictionary<long, ReadOnlyMemory<byte>>> InputAsync(
        RowIndex index, ChunkIndex chunk, IReadOnlyList<long> rows, CancellationToken cancellationToken)
    {
        chunk.Lines ??= await LocateAsync(index.Input, chunk.Chunk, cancellationToken);
        var found = new Dictionary<long, ReadOnlyMemory<byte>>(rows.Count);
        for (int begin = 0, end; begin < rows.Count; begin = end)
        {
            // Rows that follow one another are one piece.
            for (end = begin + 1; end < rows.Count && rows[end] == rows[end - 1] + 1;) end++;
            var (from, to) = (chunk.Lines[rows[begin] - chunk.FirstRow], chunk.Lines[rows[end - 1] - chunk.FirstRow + 1]);
            await using var piece = await store.OpenReadAsync(index.Input, from, to - from, cancellationToken);
            var row = rows[begin];
            await foreach (var line in new BatchInputReader(settings.MaxLineBytes).ReadAsync(piece, from, long.MaxValue / 2, cancellationToken))
                found[row++] = line.Bytes;
        }

        return found;
    }

    /// <summary>The answers of some rows, those that are there.</summary>
    /// <exception cref="FileNotFoundException">A chunk has ended meanwhile, and its part is gone: load it again.</exception>
    public async Task<Dictionary<long, BatchOutputRow>> AnswersAsync(
        RowIndex index, IReadOnlyList<long> rows, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, BatchOutputRow>(rows.Count);
        foreach (var group in rows.Select(index.Answering).Distinct().GroupBy(index.ChunkOf))
        {
            var (chunk, answers) = (group.Key, group.Key.Answers);
            var wanted = group.Select(row => (Row: row, Answer: answers.Rows[(int)(row - chunk.FirstRow)]))
                .Where(row => row.Answer.Length > 0).OrderBy(row => row.Answer.Offset).ToList();
            for (int begin = 0, end; begin < wanted.Count; begin = end)
            {
                var from = wanted[begin].Answer.Offset;
                var to = from + wanted[begin].Answer.Length;
                for (end = begin + 1; end < wanted.Count; end++)
                {
                    var (offset, length, _) = wanted[end].Answer;
                    if (offset - to > GapBytes || offset + length - from > PieceBytes) break;
                    to = offset + length;
                }

                var piece = new byte[to - from];
                await using (var stream = await store.OpenReadAsync(answers.Path, from, piece.Length, cancellationToken))
                    await stream.ReadExactlyAsync(piece, cancellationToken);
                foreach (var (row, answer) in wanted[begin..end])
                    found[row] = BlobJson.Read<BatchOutputRow>(piece.AsSpan((int)(answer.Offset - from), answer.Length), answers.Path);
            }
        }

        return found;
    }

    private async Task<long[]> LocateAsync(string input, BatchChunk chunk, CancellationToken cancellationToken)
    {
        var lines = new long[chunk.Rows + 1];
        Array.Fill(lines, chunk.Offset + chunk.Length);
        await using var stream = await store.OpenReadAsync(input, chunk.Offset, chunk.Length, cancellationToken);
        var place = 0;
        await foreach (var line in new BatchInputReader(settings.MaxLineBytes).ReadAsync(stream, chunk.Offset, chunk.FirstLine, cancellationToken))
        {
            if (place < chunk.Rows) lines[place++] = line.Offset;
        }

        return lines;
    }
}
