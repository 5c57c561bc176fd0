using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>What the threads of a team share about one of them. Each part has cache lines of its own, in pairs as prefetchers fetch them.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct TeamSeat
{
    /// <summary>The thread has nothing to do.</summary>
    public const int Idle = 0;

    /// <summary>There is a job that the thread has not begun.</summary>
    public const int Called = 1;

    /// <summary>The thread is at the job.</summary>
    public const int Busy = 2;

    /// <summary>How much of the thread's own range has been handed out in this job, to whomever; may exceed its length.</summary>
    [FieldOffset(0)]
    public int Taken;

    /// <summary><see cref="Idle"/>, <see cref="Called"/> or <see cref="Busy"/>.</summary>
    [FieldOffset(128)]
    public int State;
}
