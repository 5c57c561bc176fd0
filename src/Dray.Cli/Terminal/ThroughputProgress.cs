using System.Globalization;

namespace Dray.Cli.Terminal;

/// <summary>A line now and then, and one at the end of each level.</summary>
internal sealed class ThroughputProgress(TextWriter error, TimeProvider time) : IProgress<(int Concurrency, int Done, int Requests)>
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private long _last = time.GetTimestamp();

    public void Report((int Concurrency, int Done, int Requests) value)
    {
        lock (_gate)
        {
            if (value.Done < value.Requests && time.GetElapsedTime(_last) < Interval) return;
            _last = time.GetTimestamp();
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Concurrency} at once: {value.Done} of {value.Requests} requests"));
        }
    }
}
