using System.Diagnostics;
using Dray.Inference.Compute;

namespace Dray.Benchmarks.Gpu;

/// <summary>Times operations of a backend that returns before they are done.</summary>
/// <param name="backend">The backend.</param>
/// <param name="isSmoke">Whether to be quick instead of exact.</param>
internal sealed class DeviceClock(IComputeBackend backend, bool isSmoke) : IDisposable
{
    private const double BatchSeconds = 0.1;
    private const int Batches = 5;

    // What takes so long need not be timed again.
    private const double LongSeconds = 0.5;

    private readonly TensorBuffer _flag = backend.Allocate(1, 1);
    private readonly float[] _value = new float[1];

    /// <summary>Seconds of one call, the median of several batches of calls that are waited for at the end.</summary>
    /// <param name="issue">Issues the operation; told how many calls came before, so that it can take turns with its operands.</param>
    public double Seconds(Action<int> issue)
    {
        var calls = 0;
        double Batch(int count)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++) issue(calls++);
            Wait();
            return Stopwatch.GetElapsedTime(start).TotalSeconds / count;
        }

        Batch(1);
        var once = Batch(1);
        if (isSmoke || once > LongSeconds) return once;
        var count = (int)Math.Clamp(BatchSeconds / Batch(3), 1, 5000);
        var times = new double[Batches];
        foreach (ref var time in times.AsSpan()) time = Batch(count);
        Array.Sort(times);
        return times[Batches / 2];
    }

    /// <summary>Waits for everything issued.</summary>
    public void Wait() => backend.Download(_flag.View, _value);

    public void Dispose() => _flag.Dispose();
}
