using System.Globalization;

namespace Dray.Quantization.Export;

/// <summary>Room on a disk.</summary>
internal static class DiskSpace
{
    private const int NoSpaceErrno = 28;
    private const int QuotaErrno = 122;
    private const int NoSpaceWindows = unchecked((int)0x80070070);

    /// <summary>Whether an exception says that a disk, or the user's share of it, is full.</summary>
    public static bool IsExhausted(Exception exception) => exception is IOException { HResult: NoSpaceErrno or QuotaErrno or NoSpaceWindows };

    /// <summary>The bytes that are free where a folder is.</summary>
    public static long FreeAt(string folder) => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Bytes for a message.</summary>
    public static string Show(long bytes) => bytes < 1_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F3} GB");
}
