namespace Dray.Cli;

/// <summary>Exit codes that scripts rely on.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int SomeRowsFailed = 1;
    public const int Usage = 2;
    public const int InputRefused = 3;
    public const int OutOfReach = 4;
    public const int DeviceLost = 5;
    public const int Interrupted = 130;
}
