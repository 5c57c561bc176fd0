namespace Dray.Quantization.Evaluation;

/// <summary>What was measured at one concurrency. Failed requests count in <see cref="Requests"/> only; without any answer the figures are 0.</summary>
public sealed class ThroughputLevel
{
    private readonly RequestTiming[] _answered;
    private readonly double[] _latencies;

    /// <summary>Initializes the level from its requests.</summary>
    /// <param name="concurrency">Requests at once.</param>
    /// <param name="timings">Every request.</param>
    /// <param name="elapsed">From the first submission to the last answer.</param>
    /// <param name="steps">Forward passes that took.</param>
    public ThroughputLevel(int concurrency, IReadOnlyList<RequestTiming> timings, TimeSpan elapsed, long steps)
    {
        (Concurrency, Requests, Elapsed, Steps) = (concurrency, timings.Count, elapsed, steps);
        _answered = [.. timings.Where(timing => timing.Error is null)];
        _latencies = [.. _answered.Select(timing => timing.Latency.TotalSeconds).Order()];
        FirstError = timings.FirstOrDefault(timing => timing.Error is not null).Error;
    }

    /// <summary>Gets the requests at once.</summary>
    public int Concurrency { get; }

    /// <summary>Gets the requests sent.</summary>
    public int Requests { get; }

    /// <summary>Gets the requests answered.</summary>
    public int Succeeded => _answered.Length;

    /// <summary>Gets the time from the first submission to the last answer.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Gets the engine's forward passes.</summary>
    public long Steps { get; }

    /// <summary>Gets why the first request that failed did, or null.</summary>
    public string? FirstError { get; }

    /// <summary>Gets the prompt tokens of all answers.</summary>
    public long PromptTokens => _answered.Sum(timing => (long)timing.PromptTokens);

    /// <summary>Gets the tokens generated.</summary>
    public long CompletionTokens => _answered.Sum(timing => (long)timing.CompletionTokens);

    /// <summary>Gets the tokens generated per second, all requests together.</summary>
    public double TokensPerSecond => PerSecond(CompletionTokens);

    /// <summary>Gets the prompt tokens per second of the whole run, decoding included.</summary>
    public double PromptTokensPerSecond => PerSecond(PromptTokens);

    /// <summary>Gets the mean latency, in seconds.</summary>
    public double MeanLatency => _latencies.Length == 0 ? 0 : _latencies.Average();

    /// <summary>Gets the slowest request's tokens per second.</summary>
    public double LeastTokensPerSecond => _answered.Length == 0 ? 0 : _answered.Min(timing => timing.TokensPerSecond);

    /// <summary>Gets the fastest request's tokens per second.</summary>
    public double MostTokensPerSecond => _answered.Length == 0 ? 0 : _answered.Max(timing => timing.TokensPerSecond);

    /// <summary>The latency that a share of the requests stays within, in seconds, interpolated as NumPy's default does.</summary>
    /// <param name="share">From 0, the shortest, to 1, the longest.</param>
    public double LatencyAt(double share)
    {
        if (_latencies.Length == 0) return 0;
        var position = share * (_latencies.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, _latencies.Length - 1);
        return _latencies[below] + ((position - below) * (_latencies[above] - _latencies[below]));
    }

    private double PerSecond(long tokens) => Elapsed > TimeSpan.Zero ? tokens / Elapsed.TotalSeconds : 0;
}
