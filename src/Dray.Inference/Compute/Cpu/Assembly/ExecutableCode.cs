using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>
/// Machine code in memory of its own: written while the pages can be written, then made executable and read-only. They are never both.
/// </summary>
internal sealed unsafe partial class ExecutableCode : IDisposable
{
    private const int Alignment = 64;
    private readonly nuint _bytes;
    private readonly nint[] _entries;
    private byte* _pages;

    /// <summary>Maps routines; each must be independent of its address.</summary>
    /// <exception cref="ExecutableMemoryException">The system gives no memory or doesn't let it be executed.</exception>
    public ExecutableCode(IReadOnlyList<byte[]> routines)
    {
        _entries = new nint[routines.Count];
        nuint bytes = 0;
        foreach (var routine in routines) bytes += Rounded(routine.Length);
        _bytes = bytes;
        _pages = Pages.Allocate(bytes);
        var next = _pages;
        for (var i = 0; i < routines.Count; i++)
        {
            routines[i].CopyTo(new Span<byte>(next, routines[i].Length));
            _entries[i] = (nint)next;
            next += Rounded(routines[i].Length);
        }

        if (Pages.MakeExecutable(_pages, bytes)) return;
        var error = Marshal.GetLastPInvokeError();
        Dispose();
        throw new ExecutableMemoryException($"The system doesn't let this process execute code that it assembles (error {error}).");
    }

    ~ExecutableCode() => Free();

    /// <summary>Gets the address of each routine, in the order given.</summary>
    public IReadOnlyList<nint> Entries => _entries;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static nuint Rounded(int length) => (nuint)((length + Alignment - 1) & ~(Alignment - 1));

    private void Free()
    {
        if (_pages != null) Pages.Release(_pages, _bytes);
        _pages = null;
    }

    /// <summary>Whole pages from the operating system.</summary>
    private static partial class Pages
    {
        private const int ReadWrite = 1 | 2;
        private const int ReadExecute = 1 | 4;
        private const int MapPrivate = 2;
        private const uint WindowsCommitReserve = 0x3000;
        private const uint WindowsRelease = 0x8000;
        private const uint WindowsReadWrite = 4;
        private const uint WindowsExecuteRead = 0x20;

        private static int MapAnonymous => OperatingSystem.IsMacOS() ? 0x1000 : 0x20;

        public static byte* Allocate(nuint bytes)
        {
            var pages = OperatingSystem.IsWindows()
                ? VirtualAlloc(null, bytes, WindowsCommitReserve, WindowsReadWrite)
                : Map(null, bytes, ReadWrite, MapPrivate | MapAnonymous, -1, 0);
            if (pages != null && pages != (void*)-1) return (byte*)pages;
            throw new ExecutableMemoryException($"The system gives no {bytes} bytes for assembled code (error {Marshal.GetLastPInvokeError()}).");
        }

        public static bool MakeExecutable(byte* pages, nuint bytes) => OperatingSystem.IsWindows()
            ? VirtualProtect(pages, bytes, WindowsExecuteRead, out _)
            : Protect(pages, bytes, ReadExecute) == 0;

        public static void Release(byte* pages, nuint bytes)
        {
            if (OperatingSystem.IsWindows()) VirtualFree(pages, 0, WindowsRelease);
            else Unmap(pages, bytes);
        }

        [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

        [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static partial int Protect(void* address, nuint length, int protection);

        [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static partial int Unmap(void* address, nuint length);

        [LibraryImport("kernel32", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static partial void* VirtualAlloc(void* address, nuint size, uint type, uint protection);

        [LibraryImport("kernel32", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static partial bool VirtualProtect(void* address, nuint size, uint protection, out uint before);

        [LibraryImport("kernel32", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        [return: MarshalAs(UnmanagedType.Bool)]
        private static partial bool VirtualFree(void* address, nuint size, uint type);
    }
}
