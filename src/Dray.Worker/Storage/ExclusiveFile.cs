using System.Diagnostics;

namespace Dray.Worker.Storage;

/// <summary>Opens files that one holder at a time may have, over processes: the system frees them when the holder dies.</summary>
internal static class ExclusiveFile
{
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Opens <paramref name="file"/>, waiting while another holds it.</summary>
    /// <exception cref="IOException">It was held for too long, or can't be opened.</exception>
    public static Task<FileStream> OpenAsync(string file, FileMode mode, CancellationToken cancellationToken) =>
        WaitAsync(() => Open(file, mode), cancellationToken);

    /// <summary>Opens a file somehow, waiting while another holds it.</summary>
    /// <exception cref="IOException">It was held for too long, or can't be opened.</exception>
    public static async Task<FileStream> WaitAsync(Func<FileStream> open, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return open();
            }
            catch (IOException e) when (IsHeld(e) && Stopwatch.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    /// <summary>Whether a file couldn't be opened because another holds it.</summary>
    public static bool IsHeld(IOException e) => e.HResult is WindowsSharingViolation or LinuxWouldBlock or MacWouldBlock;

    /// <summary>Opens <paramref name="file"/>, or fails at once while another holds it.</summary>
    public static FileStream Open(string file, FileMode mode) =>
        new(file, mode, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
}
