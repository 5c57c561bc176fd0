using Dray.Contracts;

namespace Dray.Worker.Input;

/// <summary>Cuts consecutive rows into chunks of at most so many rows and, a single row excepted, so many tokens.</summary>
internal sealed class ChunkCutter(int maxRows, long maxTokens)
{
    private readonly List<BatchChunk> _chunks = [];
    private BatchChunk? _open;
    private long _tokens;

    /// <summary>Adds the next row.</summary>
    public void Add(InputLine line, long row, int tokens)
    {
        if (_open is { } open && (open.Rows == maxRows || _tokens + tokens > maxTokens)) Close(line.Offset);
        _open = _open is null
            ? new BatchChunk { Index = _chunks.Count, Offset = line.Offset, Length = 0, FirstLine = line.Number, FirstRow = row, Rows = 1 }
            : _open with { Rows = _open.Rows + 1 };
        _tokens += tokens;
    }

    /// <summary>The chunks, the last of which ends at byte <paramref name="end"/> of the input.</summary>
    public IReadOnlyList<BatchChunk> Finish(long end)
    {
        if (_open is not null) Close(end);
        return _chunks;
    }

    private void Close(long end)
    {
        _chunks.Add(_open! with { Length = end - _open.Offset });
        _open = null;
        _tokens = 0;
    }
}
