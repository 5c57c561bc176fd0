namespace Dray.Inference.Compute.Cpu;

/// <summary>One thread's part of a job.</summary>
/// <remarks>
/// Every thread owns the same range of the same items each time, which its caches then know, and takes it in chunks from front to end. One that
/// is done goes on with chunks of the others' ranges, so that a thread that lost its processor for a while doesn't hold up the rest.
/// An undisturbed claim is one atomic addition on a line that the thread's own cache holds, some 6 ns.
/// </remarks>
/// <param name="seats">A seat per thread; null if there is only one.</param>
/// <param name="thread">Number of this thread, 0 for the calling one.</param>
/// <param name="threads">Number of threads.</param>
internal readonly unsafe struct TeamShare(TeamSeat* seats, int thread, int threads)
{
    private const int ChunksPerThread = 8;

    /// <summary>A thread that has the work to itself.</summary>
    public static TeamShare Whole => new(null, 0, 1);

    /// <summary>Gets the number of this thread, which is that of its workspace: 0 for the calling one.</summary>
    public int Thread => thread;

    /// <summary>Gets the number of threads that the work is divided among.</summary>
    public int Threads => threads;

    /// <summary>Hands out <paramref name="items"/>, about eight chunks to a thread. A job does this at most once.</summary>
    public TeamChunks Of(int items) => Of(items, Math.Max(1, items / (threads * ChunksPerThread)));

    /// <summary>Hands out <paramref name="items"/> in chunks of <paramref name="grain"/>. A job does this at most once.</summary>
    public TeamChunks Of(int items, int grain) => new(seats, thread, threads, items, seats == null ? Math.Max(items, 1) : grain);
}
