using System.Numerics;
using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Keeps a team's threads on processors of their own. Linux tends to wake a thread where its waker runs, and as the two then take turns
/// neither looks starved enough to be moved. A thread that finds itself beside another one of the team moves over, once in a while; nothing
/// is pinned. Does nothing on other systems.
/// </summary>
internal sealed unsafe partial class ProcessorPlacement(int threads)
{
    /// <summary>Bits of the masks that the calls take: more processors than that are left to the system.</summary>
    private const int MaxProcessors = 1024;

    private const int Words = MaxProcessors / 64;
    private const int MinMillisecondsBetweenMoves = 5;

    private static readonly bool IsSupported = Probe();

    private readonly int[] _processors = new int[threads];
    private readonly long[] _moved = new long[threads];

    /// <summary>Notes where the calling thread runs, before it wakes the others.</summary>
    public void Note(int thread)
    {
        if (IsSupported) Volatile.Write(ref _processors[thread], sched_getcpu());
    }

    /// <summary>Moves the calling thread to a processor that no other thread of the job was last seen on, if it isn't on one.</summary>
    public void Separate(int thread, int shares)
    {
        if (!IsSupported) return;
        var own = sched_getcpu();
        Volatile.Write(ref _processors[thread], own);
        if (!IsTaken(own, thread, shares)) return;
        var now = Environment.TickCount64;
        if (now - _moved[thread] < MinMillisecondsBetweenMoves) return;
        _moved[thread] = now;
        Move(thread, shares);
    }

    private static bool Probe()
    {
        try
        {
            return OperatingSystem.IsLinux() && sched_getcpu() >= 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private bool IsTaken(int processor, int thread, int shares)
    {
        for (var other = 0; other < shares; other++)
        {
            if (other != thread && Volatile.Read(ref _processors[other]) == processor) return true;
        }

        return false;
    }

    private void Move(int thread, int shares)
    {
        var allowed = stackalloc ulong[Words];
        var free = stackalloc ulong[Words];
        const nuint bytes = Words * sizeof(ulong);
        if (sched_getaffinity(0, bytes, allowed) != 0) return;
        new ReadOnlySpan<ulong>(allowed, Words).CopyTo(new Span<ulong>(free, Words));
        for (var other = 0; other < shares; other++)
        {
            var processor = Volatile.Read(ref _processors[other]);
            if (other != thread && (uint)processor < MaxProcessors) free[processor / 64] &= ~(1UL << (processor % 64));
        }

        var count = 0;
        for (var i = 0; i < Words; i++) count += BitOperations.PopCount(free[i]);
        if (count == 0) return;

        // The first call moves the thread; the second gives it its freedom back.
        if (sched_setaffinity(0, bytes, free) == 0) _ = sched_setaffinity(0, bytes, allowed);
        Volatile.Write(ref _processors[thread], sched_getcpu());
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    private static partial int sched_getcpu();

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sched_getaffinity(int thread, nuint bytes, ulong* mask);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int sched_setaffinity(int thread, nuint bytes, ulong* mask);
}
