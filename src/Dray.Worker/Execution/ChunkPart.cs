using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Execution;

/// <summary>
/// The rows of one chunk that are done, here and in a blob that each is appended to as it finishes. A worker that dies leaves
/// them to the next; half of a line, where the append itself was cut off, is dropped and its row runs again.
/// </summary>
internal sealed class ChunkPart : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly IBlobStore _store;
    private readonly string _path;
    private readonly ChunkPlace[] _places;
    private readonly ReadOnlyMemory<byte>[] _lines;
    private bool _begun;

    private ChunkPart(IBlobStore store, string path, ChunkPlace[] places) =>
        (_store, _path, _places, _lines) = (store, path, places, new ReadOnlyMemory<byte>[places.Length]);

    /// <summary>Gets the rows that are done.</summary>
    public ChunkTally Done { get; private set; } = ChunkTally.Empty;

    /// <summary>Gets a value indicating whether every row that runs is done.</summary>
    public bool IsComplete
    {
        get
        {
            for (var number = 0; number < _places.Length; number++)
            {
                if (_places[number].Times > 0 && _lines[number].IsEmpty) return false;
            }

            return true;
        }
    }

    /// <summary>Opens the part of a chunk that has the rows <paramref name="rows"/>, with what is in it already.</summary>
    public static async Task<ChunkPart> OpenAsync(
        IBlobStore store, string path, ChunkPlace[] rows, CancellationToken cancellationToken)
    {
        var part = new ChunkPart(store, path, rows);
        if (!await store.ExistsAsync(path, cancellationToken)) return part;
        var places = rows.Select((row, number) => (row.Identity.RowId, number)).ToDictionary();
        await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
        await foreach (var line in BatchInputReader.OfOwnFiles.ReadAsync(stream, cancellationToken: cancellationToken))
        {
            if (TryRead(line.Bytes.Span) is { } row && places.TryGetValue(row.Id, out var place) && !part.Has(place))
                part.Keep(place, line.Bytes, row);
        }

        return part;
    }

    /// <summary>Whether the row at <paramref name="place"/> in the chunk is done.</summary>
    public bool Has(int place) => !_lines[place].IsEmpty;

    /// <summary>Adds a row that is done: it is in the store when this returns.</summary>
    public async Task<ChunkTally> AddAsync(int place, BatchOutputRow row)
    {
        var line = BlobJson.Write(row);
        await _gate.WaitAsync();
        try
        {
            // Ends a line that an earlier worker may have left half written.
            byte[] block = _begun ? [.. line, (byte)'\n'] : [(byte)'\n', .. line, (byte)'\n'];
            await _store.AppendAsync(_path, block, CancellationToken.None);
            _begun = true;
            Keep(place, line, row);
            return Done;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes all rows that ran in the chunk's order.</summary>
    public async Task WriteToAsync(Stream stream, CancellationToken cancellationToken)
    {
        foreach (var line in _lines.Where(line => !line.IsEmpty))
        {
            await stream.WriteAsync(line, cancellationToken);
            await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

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

    private void Keep(int place, ReadOnlyMemory<byte> line, BatchOutputRow row)
    {
        _lines[place] = line;
        Done = Done.Plus(row, _places[place].Times);
    }
}
