using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Dray.Inference.Compute.Cpu;

/// <summary>A cache file mapped read-only; blocks made from it keep it mapped.</summary>
internal sealed unsafe class CacheMapping : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <exception cref="IOException">The file can't be mapped.</exception>
    public CacheMapping(FileStream stream)
    {
        Length = stream.Length;
        if (Length == 0) throw new InvalidDataException("it is empty");
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        byte* start = null;
        View.AcquirePointer(ref start);
        Start = start + _view.PointerOffset;
    }

    public long Length { get; }

    /// <summary>Gets the address of the first byte, page-aligned.</summary>
    public byte* Start { get; }

    private SafeMemoryMappedViewHandle View => _view.SafeMemoryMappedViewHandle;

    public NativeBlock Block(long offset, nuint bytes) => new(View, Start + offset, bytes);

    public void Dispose()
    {
        View.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
