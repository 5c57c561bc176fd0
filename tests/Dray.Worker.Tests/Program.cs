using Dray.Worker.Tests.Support;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Dray.Worker.Tests;

/// <summary>What xunit generates as the entry point, with a way in for the process that <see cref="KilledChild"/> starts.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (await KilledChild.RunWhereToldAsync()) return 0;
        return args.Any(arg => arg is "-automated" or "@@")
            ? await ConsoleRunner.Run(args)
            : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
