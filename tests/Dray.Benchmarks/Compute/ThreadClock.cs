using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dray.Benchmarks.Compute;

/// <summary>
/// The calling thread's processor time on Linux, the wall's elsewhere: what work on one thread took, whatever else the machine was doing.
/// </summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>Gets whether <see cref="Seconds"/> leaves out the time in which the thread didn't run.</summary>
    public static bool IsProcessorTime => OperatingSystem.IsLinux();

    /// <summary>Gets the time in seconds since some moment.</summary>
    public static double Seconds
    {
        get
        {
            if (!IsProcessorTime) return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
            if (clock_gettime(ThreadCpuTime, out var now) != 0) throw new InvalidOperationException("The thread's clock can't be read.");
            return now.Seconds + (now.Nanoseconds / 1e9);
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int clock_gettime(int clock, out Time time);

    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
