using System.Diagnostics;

namespace Dray.Benchmarks.Http;

/// <summary>Notes when a streamed answer's pieces come.</summary>
internal sealed class StreamClock
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private double _first;
    private double _last;
    private int _pieces;

    /// <summary>A piece came.</summary>
    public void Piece()
    {
        _last = Stopwatch.GetElapsedTime(_start).TotalMilliseconds;
        if (_pieces++ == 0) _first = _last;
    }

    /// <summary>The answer has ended.</summary>
    public Timing End() => new(_first, (_last - _first) / Math.Max(1, _pieces - 1), Stopwatch.GetElapsedTime(_start).TotalMilliseconds);
}
