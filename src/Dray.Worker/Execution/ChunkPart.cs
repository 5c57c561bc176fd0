using System.Text.Json;
using Dray.Contracts;
using Dray.Worker.Input;
using Dray.Worker.Storage;

namespace Dray.Worker.Execution;

/// <summary>
/// The rows of one chunk that are done, here and in a blob that they are appended to as they finish: those that finish while an append
/// is under way go together in the next. A worker that dies leaves them to the next; half of a line, where the append itself was cut
/// off, is dropped and its row runs again. A line may be there twice, after an append whose reply was lost: the first counts.
/// </summary>
internal sealed class ChunkPart
{
    // One row may be longer; it then goes alone.
    private const int MostGroupBytes = 4 * 1024 * 1024;
    private readonly Lock _gate = new();
    private readonly Queue<AddedRow> _waiting = new();
    private readonly IBlobStore _store;
    private readonly string _path;
    private readonly ChunkPlace[] _places;
    private readonly ReadOnlyMemory<byte>[] _lines;
    private bool _isAppending;
    private bool _begun;
    private Exception? _failure;

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
    /// <returns>The rows that are done then.</returns>
    /// <exception cref="IOException">This append, or one before it, failed: how the blob ends is open, so nothing more is added.</exception>
    public Task<ChunkTally> AddAsync(int place, BatchOutputRow row)
    {
        var added = new AddedRow(place, BlobJson.Write(row), row);
        lock (_gate)
        {
            _waiting.Enqueue(added);
            if (_isAppending) return added.InStore.Task;
            _isAppending = true;
        }

        _ = AppendWaitingAsync();
        return added.InStore.Task;
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

    private async Task AppendWaitingAsync()
    {
        while (TakeGroup() is { } group)
        {
            try
            {
                if (_failure is null) await AppendAsync(group);
            }
            catch (Exception e)
            {
                _failure = e;
            }

            foreach (var row in group)
            {
                if (_failure is { } failure) row.InStore.SetException(failure);
                else row.InStore.SetResult(Done);
            }
        }
    }

    private List<AddedRow>? TakeGroup()
    {
        lock (_gate)
        {
            _isAppending = _waiting.Count > 0;
            if (!_isAppending) return null;
            var group = new List<AddedRow>();
            var bytes = 0L;
            while (_waiting.TryPeek(out var next) && (group.Count == 0 || bytes + next.Line.Length < MostGroupBytes))
            {
                group.Add(_waiting.Dequeue());
                bytes += next.Line.Length + 1;
            }

            return group;
        }
    }

    private async Task AppendAsync(List<AddedRow> group)
    {
        using var block = new MemoryStream();

        // Ends a line that an earlier worker may have left half written.
        if (!_begun) block.WriteByte((byte)'\n');
        foreach (var row in group)
        {
            block.Write(row.Line);
            block.WriteByte((byte)'\n');
        }

        await _store.AppendAsync(_path, block.GetBuffer().AsMemory(0, (int)block.Length), CancellationToken.None);
        _begun = true;
        foreach (var row in group) Keep(row.Place, row.Line, row.Row);
    }

    private void Keep(int place, ReadOnlyMemory<byte> line, BatchOutputRow row)
    {
        _lines[place] = line;
        Done = Done.Plus(row, _places[place].Times);
    }

    private sealed record AddedRow(int Place, byte[] Line, BatchOutputRow Row)
    {
        public TaskCompletionSource<ChunkTally> InStore { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
