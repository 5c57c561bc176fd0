using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// 64-byte aligned memory outside the garbage-collected heap, which may be larger than an array can be. Large blocks lie in huge pages where
/// the system has them.
/// </summary>
internal sealed unsafe class NativeBlock : IDisposable
{
    private const nuint Alignment = 64;
    private void* _allocation;

    /// <summary>Allocates zeroed memory. Large blocks come from the system as untouched pages: what is never used costs nothing.</summary>
    public NativeBlock(nuint bytes)
    {
        Bytes = bytes;
        nuint alignment = bytes >= 2 * HugePages.Size ? HugePages.Size : Alignment;
        _allocation = NativeMemory.AllocZeroed(checked(bytes + alignment));
        Pointer = (void*)(((nuint)_allocation + alignment - 1) & ~(alignment - 1));
        if (alignment == HugePages.Size) HugePages.Advise(Pointer, bytes);
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
        NativeMemory.Free(_allocation);
        _allocation = Pointer = null;
    }
}
