using System.Diagnostics;

namespace Dray.Quantization.Evaluation;

/// <summary>Times an action several times and takes the median.</summary>
/// <param name="repeats">The most times that count.</param>
/// <param name="patience">No further time is begun when so much has passed, so that slow machines come to an end too.</param>
internal sealed class RepeatClock(int repeats, TimeSpan patience)
{
    /// <summary>Seconds that the action takes.</summary>
    /// <param name="action">What is timed.</param>
    /// <param name="warmsUp">Whether to run it once before.</param>
    /// <param name="cancellationToken">Stops between two times.</param>
    public double Seconds(Action action, bool warmsUp, CancellationToken cancellationToken)
    {
        var whole = Stopwatch.GetTimestamp();
        var times = new List<double>();
        if (warmsUp) action();
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        while (times.Count < repeats && Stopwatch.GetElapsedTime(whole) < patience);

        times.Sort();
        return times.Count % 2 == 1 ? times[times.Count / 2] : (times[times.Count / 2] + times[(times.Count / 2) - 1]) / 2;
    }
}
