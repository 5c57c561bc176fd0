using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Execution;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Page.Rows;

/// <summary>
/// Where the rows of one chunk and their answers stand, and how they ended. Of a chunk that runs that is as far as its part was read; what
/// is appended to that is read from there on. The texts aren't kept.
/// </summary>
internal sealed class ChunkIndex(IBlobStore store, string batchId, BatchChunk chunk)
{
    private readonly string _chunkPath = BatchPaths.Chunk(batchId, chunk.Index);
    private readonly string _partPath = BatchPaths.Part(batchId, chunk.Index);
    private Dictionary<string, int>? _places;
    private long _end;
    private bool _isFinal;

    /// <summary>Gets the number of its first row, from 0.</summary>
    public long FirstRow => chunk.FirstRow;

    /// <summary>Gets which chunk it is.</summary>
    public BatchChunk Chunk => chunk;

    /// <summary>Gets the answers that are known.</summary>
    public ChunkAnswers Answers { get; private set; } = new(BatchPaths.Part(batchId, chunk.Index), new RowAnswer[chunk.Rows]);

    /// <summary>Gets or sets where each row's line begins in the input, and where the last one ends; null until somebody has read them.</summary>
    public long[]? Lines { get; set; }

    /// <summary>Reads what isn't read yet. One call at a time.</summary>
    /// <param name="isDone">Whether the ledger says that the chunk is done.</param>
    /// <param name="cancellationToken">Stops; what was read is kept.</param>
    public async Task LoadAsync(bool isDone, CancellationToken cancellationToken)
    {
        if (_isFinal) return;

        // A part is deleted once its chunk is there, before the ledger says so.
        if (!isDone && await TryReadAsync(_partPath, cancellationToken)) return;
        _end = 0;
        if (!await TryReadAsync(_chunkPath, cancellationToken)) return;
        _isFinal = true;
        _places = null;
    }

    private async Task<bool> TryReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            _places ??= Enumerable.Range(0, chunk.Rows).ToDictionary(place => RequestIdentity.OfRow(batchId, chunk.FirstRow + place, 0).RowId);
            await using var stream = await store.OpenReadAsync(path, _end, cancellationToken: cancellationToken);
            var end = _end;
            RowAnswer[] rows = _end == 0 ? new RowAnswer[chunk.Rows] : [.. Answers.Rows];
            await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(stream, _end, cancellationToken: cancellationToken))
            {
                // A line that is only half there yet is read again next time; one that a worker left so is passed over.
                if (TryRead(line.Bytes.Span) is not { } row) continue;
                end = line.Offset + line.Length + 1;
                if (_places.TryGetValue(row.Id, out var place) && rows[place].Length == 0)
                    rows[place] = new RowAnswer(line.Offset, (int)line.Length, RowError.CodeOf(row));
            }

            (Answers, _end) = (new ChunkAnswers(path, rows), end);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
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
