using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Dray.Worker.Events;

/// <summary>How an event gets to the broker: the one place where publishing is tried again.</summary>
internal static class EventDelivery
{
    /// <summary>The pipeline's name in the registry and in telemetry.</summary>
    public const string Pipeline = "dray-events";

    /// <summary>How long an event may take with all attempts; then the message that caused it is delivered again later.</summary>
    public static readonly TimeSpan TotalTimeout = TimeSpan.FromMinutes(2);

    /// <summary>How long one attempt may take.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How many attempts follow the first.</summary>
    public const int MaxRetries = 8;

    /// <summary>Attempts within the sampling time from which on the breaker may open; publishing is rare, so few.</summary>
    public const int BreakerThroughput = 4;

    /// <summary>Adds the strategies, outermost first.</summary>
    public static void Configure(ResiliencePipelineBuilder builder, TimeProvider time)
    {
        builder.TimeProvider = time;
        builder.AddTimeout(new TimeoutStrategyOptions { Name = "total", Timeout = TotalTimeout });
        builder.AddRetry(new RetryStrategyOptions
        {
            Name = "retry",
            MaxRetryAttempts = MaxRetries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromMilliseconds(500),
            MaxDelay = TimeSpan.FromSeconds(15),
        });
        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            Name = "breaker",
            FailureRatio = 0.5,
            MinimumThroughput = BreakerThroughput,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = TimeSpan.FromSeconds(5),
        });
        builder.AddTimeout(new TimeoutStrategyOptions { Name = "attempt", Timeout = AttemptTimeout });
    }
}
