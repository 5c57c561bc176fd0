using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Asks Linux for pages of 2 MiB where it gives them only to who asks: weights and KV caches are read once a step, and would else miss the
/// translation buffers at every page of 4 KiB.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Bytes of a page, and what memory is best aligned to.</summary>
    public const int Size = 2 << 20;

    private const int AdviseHugePage = 14;

    /// <summary>Asks for huge pages in memory that hasn't been touched yet; without effect where there are none.</summary>
    public static void Advise(void* start, nuint bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = madvise(start, bytes, AdviseHugePage);
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // A C library of another name: small pages it is.
        }
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int madvise(void* start, nuint bytes, int advice);
}
