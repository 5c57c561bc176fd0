using System.ComponentModel;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Dray.Inference.Tests.Compute.Cpu.Assembly;

/// <summary>
/// Runs something on a thread whose system refuses, as a hardened one does, to make one routine's memory executable: a seccomp filter for
/// that thread alone, and for that length alone, as the runtime itself doesn't live without executable memory.
/// </summary>
internal static partial class ForbiddenExecution
{
    /// <summary>The length that is refused, in bytes.</summary>
    private const uint Bytes = 64;

    private const int SetNoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const nint FilterMode = 2;
    private const uint Protect = 10;
    private const uint Execute = 4;
    private const uint Allow = 0x7FFF0000;
    private const uint Refuse = 0x00050000 | 13;

    /// <summary>Runs it there; skips the test on other systems than Linux on x64.</summary>
    public static void Run(Action action)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) Assert.Skip("skipped: the filter is Linux' on x64");
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Install();
                action();
            }
#pragma warning disable CA1031 // It is rethrown on the test's thread, whatever it is.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static unsafe void Install()
    {
        // Offsets in seccomp's data: 0 the call's number, 24 its second argument, 32 its third.
        Span<Step> steps =
        [
            new(0x20, 0, 0, 0), new(0x15, 0, 5, Protect),
            new(0x20, 0, 0, 24), new(0x15, 0, 3, Bytes),
            new(0x20, 0, 0, 32), new(0x45, 0, 1, Execute),
            new(0x06, 0, 0, Refuse),
            new(0x06, 0, 0, Allow),
        ];
        fixed (Step* first = steps)
        {
            var program = new FilterProgram { Length = (ushort)steps.Length, Steps = first };
            if (Control(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || Control(SetSeccomp, FilterMode, (nint)(&program), 0, 0) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int option, nint first, nint second, nint third, nint fourth);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Step(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct FilterProgram
    {
        public ushort Length;
        public Step* Steps;
    }
}
