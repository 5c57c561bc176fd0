using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace Dray.Benchmarks.Queue;

/// <summary>A point in time that two processes see, by the machine's monotonic clock.</summary>
internal sealed class SharedClock : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public SharedClock(string file)
    {
        _file = MemoryMappedFile.CreateFromFile(file, FileMode.OpenOrCreate, mapName: null, sizeof(long));
        _view = _file.CreateViewAccessor();
    }

    /// <summary>Gets the time since it was set.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_view.ReadInt64(0));

    /// <summary>Sets it to now.</summary>
    public void Set() => _view.Write(0, Stopwatch.GetTimestamp());

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
