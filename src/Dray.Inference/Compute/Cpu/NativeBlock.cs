using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>64-byte aligned memory outside the garbage-collected heap, which may be larger than an array can be.</summary>
internal sealed unsafe partial class NativeBlock : IDisposable
{
    private const int Alignment = 64;
    private const int HugePageBytes = 2 << 20;
    private const int WantHugePages = 14;
    private void* _allocation;

    /// <summary>Allocates zeroed memory. Large blocks come from the system as untouched pages: what is never used costs nothing.</summary>
    public NativeBlock(nuint bytes)
    {
        Bytes = bytes;
        _allocation = NativeMemory.AllocZeroed(checked(bytes + Alignment));
        Pointer = (void*)(((nuint)_allocation + Alignment - 1) & ~(nuint)(Alignment - 1));
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

    /// <summary>
    /// Allocates memory for weights, which are all written and then read again and again: in pages of 2 MiB where Linux has them, so that few
    /// faults fill it and few translations cover it.
    /// </summary>
    public static NativeBlock ForWeights(nuint bytes)
    {
        var block = new NativeBlock(bytes);
        var start = ((nuint)block.Pointer + HugePageBytes - 1) & ~(nuint)(HugePageBytes - 1);
        var end = ((nuint)block.Pointer + bytes) & ~(nuint)(HugePageBytes - 1);
        if (OperatingSystem.IsLinux() && start < end) _ = Advise(start, end - start, WantHugePages);
        return block;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    // A hint: where it is refused, small pages do.
    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);

    private void Free()
    {
        NativeMemory.Free(_allocation);
        _allocation = Pointer = null;
    }
}
