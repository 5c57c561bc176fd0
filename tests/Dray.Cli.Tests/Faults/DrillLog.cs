using Dray.Cli.Drill;

namespace Dray.Cli.Tests.Faults;

/// <summary>What a drill says, as the test's output.</summary>
internal sealed class DrillLog(ITestOutputHelper? output) : IDrillObserver
{
    public void Note(string text) => output?.WriteLine(text);

    public void Progressed(long rows, long total)
    {
    }
}
