using System.Runtime.InteropServices;

namespace Dray.Worker.Storage;

/// <summary>Makes names as durable as contents: a file whose folder isn't flushed may be gone after a power cut.</summary>
internal static class DurableFolder
{
    private const int InputOutputError = 5;
    private const int NoSpaceLeft = 28;

    /// <summary>Creates a folder with all those above it that are missing.</summary>
    public static void Create(string folder)
    {
        if (Directory.Exists(folder)) return;
        if (Path.GetDirectoryName(folder) is { Length: > 0 } parent)
        {
            Create(parent);
            Directory.CreateDirectory(folder);
            Flush(parent);
        }
    }

    /// <summary>Flushes the names in a folder to the disk. Does nothing on Windows, whose file systems log them.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var descriptor = Open(folder, 0);
        if (descriptor < 0) return;
        var flushed = FlushToDisk(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);

        // File systems that can't flush a folder say so with other errors.
        if (flushed != 0 && error is InputOutputError or NoSpaceLeft)
            throw new IOException($"The folder '{folder}' can't be flushed to the disk: {Marshal.GetPInvokeErrorMessage(error)}. Look after the disk.");
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FlushToDisk(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
