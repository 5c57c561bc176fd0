using System.Runtime.InteropServices;

namespace Dray.Worker.Storage;

/// <summary>A second name for a file, given in one step that fails where the name is taken: <c>link(2)</c>.</summary>
internal static class HardLink
{
    private const int AlreadyExists = 17;

    /// <summary>Links <paramref name="target"/> to <paramref name="source"/>.</summary>
    /// <returns>False where the target exists; null where this system or file system has no links.</returns>
    public static bool? TryCreate(string source, string target)
    {
        if (OperatingSystem.IsWindows()) return null;
        if (Link(source, target) == 0) return true;
        return Marshal.GetLastPInvokeError() == AlreadyExists ? false : null;
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string source, [MarshalAs(UnmanagedType.LPUTF8Str)] string target);
}
