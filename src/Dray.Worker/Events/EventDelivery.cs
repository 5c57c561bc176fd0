using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Dray.Worker.Events;

/// <summary>How an event gets to the broker or the webhook: the one place where publishing is tried again.</summary>
internal static class EventDelivery
{
    /// <summary>The name, in the registry and in telemetry, of the pipeline to the broker.</summary>
    public const string Pipeline = "dray-events";

    /// <summary>The name of the pipeline to the webhook: configured alike, but what one target does must not close the other.</summary>
    public const string WebhookPipeline = "dray-webhook";

    /// <summary>How long an event may take with all attempts; then the message that caused it is delivered again later.</summary>
    public static readonly TimeSpan TotalTimeout = TimeSpan.FromMinutes(2);

    /// <summary>How long one attempt may take.</summary>
    public static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How many attempts follow the first.</summary>
    public const int MaxRetries = 8;

    /// <summary>
    /// Attempts within the sampling time from which on the breaker may open: more than one event has, so that an event alone gets all its
    /// attempts, and two that fail at once already spare those behind them the wait.
    /// </summary>
    public const int BreakerThroughput = MaxRetries + 2;

    /// <summary>Adds the strategies, outermost first.</summary>
    public static void Configure(ResiliencePipelineBuilder builder, TimeProvider time, ChaosSettings? chaos = null)
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
            ShouldHandle = arguments => ValueTask.FromResult(MayPass(arguments.Outcome.Exception)),
            DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as WebhookAnswerException)?.RetryAfter),
        });
        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            Name = "breaker",
            FailureRatio = 0.5,
            MinimumThroughput = BreakerThroughput,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = TimeSpan.FromSeconds(5),
            ShouldHandle = arguments => ValueTask.FromResult(MayPass(arguments.Outcome.Exception)),
        });
        builder.AddTimeout(new TimeoutStrategyOptions { Name = "attempt", Timeout = AttemptTimeout });
        chaos?.AddTo(builder, time);
    }

    private static bool MayPass(Exception? exception) =>
        exception is not (null or OperationCanceledException or WebhookAnswerException { IsFinal: true });
}
