using System.Runtime.InteropServices;

namespace Dray.Inference.Compute.Cpu;

/// <summary>The register state that the operating system keeps for threads: the bits of XCR0.</summary>
internal static unsafe partial class ExtendedState
{
    /// <summary>SSE, AVX, mask registers and both halves of the AVX-512 ones.</summary>
    public const ulong Vectors = 1 << 1 | 1 << 2 | 1 << 5 | 1 << 6 | 1 << 7;

    /// <summary>AMX's tile configuration and tile data.</summary>
    public const ulong Tiles = 1 << 17 | 1 << 18;

    private const nint ArchPrctl = 158;
    private const nint RequestPermission = 0x1023;
    private const nint TileData = 18;

    /// <summary>Reads XCR0, for which .NET has no intrinsic: <c>xor ecx, ecx; xgetbv; shl rdx, 32; or rax, rdx; ret</c>. The processor must have AVX.</summary>
    /// <exception cref="ExecutableMemoryException">The system doesn't let assembled code be executed.</exception>
    public static ulong Read()
    {
        using var code = new ExecutableCode([[0x31, 0xC9, 0x0F, 0x01, 0xD0, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3]]);
        return ((delegate* unmanaged<ulong>)code.Entries[0])();
    }

    /// <summary>Asks for tiles, which Linux gives a process once it has asked. Returns why there are none, or null.</summary>
    /// <param name="state">XCR0.</param>
    public static string? RequestTiles(ulong state)
    {
        if (!OperatingSystem.IsLinux()) return "AMX can be used on Linux only.";
        if ((state & Tiles) != Tiles) return "The operating system doesn't keep AMX tiles; Linux does from version 5.16 on.";
        return SystemCall(ArchPrctl, RequestPermission, TileData) == 0
            ? null
            : $"The system doesn't give this process AMX tiles (error {Marshal.GetLastPInvokeError()}).";
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SystemCall(nint number, nint code, nint argument);
}
