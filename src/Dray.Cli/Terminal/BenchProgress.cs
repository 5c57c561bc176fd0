namespace Dray.Cli.Terminal;

/// <summary>A line for each thing that is measured, when it begins.</summary>
internal sealed class BenchProgress(TextWriter error) : IProgress<string>
{
    public void Report(string value) => error.WriteLine($"Measuring: {value}");
}
