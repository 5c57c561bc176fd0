using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Dray.Inference.Checkpoints;

/// <summary>A whole file mapped read-only, whose pages can be given back to the system after they have been read.</summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    private const int DontNeed = 4;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _start;

    /// <param name="path">A file that is not empty.</param>
    public MappedFile(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        Length = stream.Length;
        LastWrite = File.GetLastWriteTimeUtc(stream.SafeFileHandle);
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + _view.PointerOffset;
    }

    /// <summary>Gets the file's length in bytes when it was mapped.</summary>
    public long Length { get; }

    /// <summary>Gets when the file had last been written when it was mapped.</summary>
    public DateTime LastWrite { get; }

    /// <summary>The address of a byte of the file, valid until <see cref="Dispose"/>.</summary>
    public byte* At(long offset)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        return _start + offset;
    }

    /// <summary>
    /// Takes the pages of a range out of the process. Reading them again is allowed and brings them back, so this may overlap with
    /// readers on other threads. Does nothing outside Linux, where the system trims clean pages by itself.
    /// </summary>
    public void Release(long offset, long length)
    {
        if (_start is null || length <= 0 || !OperatingSystem.IsLinux()) return;
        var page = (nuint)Environment.SystemPageSize;
        var begin = (nuint)(_start + offset) / page * page;
        var end = (nuint)(_start + offset + length);
        _ = Advise(begin, end - begin, DontNeed);
    }

    public void Dispose()
    {
        if (_start is null) return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);
}
