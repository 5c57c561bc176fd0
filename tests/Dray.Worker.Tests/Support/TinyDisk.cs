using System.Diagnostics;

namespace Dray.Worker.Tests.Support;

/// <summary>A file system of 1 MiB; where this user may not mount one, the test is skipped.</summary>
internal sealed class TinyDisk : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly bool _isMounted;

    public TinyDisk()
    {
        _isMounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", _folder.Path);
        if (_isMounted) return;
        _folder.Dispose();
        Assert.Skip("skipped: this user can't mount a small file system");
    }

    public string Path => _folder.Path;

    public void Dispose()
    {
        if (_isMounted) Run("umount", "-l", _folder.Path).ShouldBeTrue();
        _folder.Dispose();
    }

    private static bool Run(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
