using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// 64-byte aligned memory outside the garbage-collected heap, which may be larger than an array can be: allocated, or of a mapped file.
/// Large blocks lie in huge pages where the system has them.
/// </summary>
internal sealed unsafe class NativeBlock : IDisposable
{
    /// <summary>What every block's address is a multiple of.</summary>
    public const int Alignment = 64;

    private readonly SafeMemoryMappedViewHandle? _view;
    private void* _allocation;

    /// <summary>Allocates zeroed memory. Large blocks come from the system as untouched pages: what is never used costs nothing.</summary>
    public NativeBlock(nuint bytes)
    {
        Bytes = bytes;
        nuint alignment = bytes >= 2 * HugePages.Size ? HugePages.Size : (nuint)Alignment;
        _allocation = NativeMemory.AllocZeroed(checked(bytes + alignment));
        Pointer = (void*)(((nuint)_allocation + alignment - 1) & ~(alignment - 1));
        if (alignment == HugePages.Size) HugePages.Advise(Pointer, bytes);
    }

    /// <summary>Takes memory of a mapped file, which stays mapped as long as any block of it lives.</summary>
    /// <param name="view">The mapping, read-only.</param>
    /// <param name="start">The block's first byte in it, 64-byte aligned.</param>
    /// <param name="bytes">The block's length.</param>
    public NativeBlock(SafeMemoryMappedViewHandle view, void* start, nuint bytes)
    {
        byte* counted = null;
        view.AcquirePointer(ref counted);
        (_view, Bytes) = (view, bytes);
        Pointer = start;
    }

    ~NativeBlock() => Free();

    /// <summary>Gets the first byte, or null after <see cref="Dispose"/>.</summary>
    public void* Pointer { get; private set; }

    /// <summary>Gets the length.</summary>
    public nuint Bytes { get; }

    /// <summary>Returns <paramref name="block"/> if it is long enough, else a new one in its place.</summary>
    public static NativeBlock Ensure(NativeBlock? block, nuint bytes)
    {
        if (block is not null && block.Bytes >= bytes) return block;
        block?.Dispose();
        return new NativeBlock(bytes);
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (Pointer is not null) _view?.ReleasePointer();
        NativeMemory.Free(_allocation);
        _allocation = Pointer = null;
    }
}
