using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Dray.Worker.Telemetry;

/// <summary>
/// Every name that a worker measures and traces under, and the instruments that are written to where something happens. Those that are
/// looked at instead are in <see cref="EngineInstruments"/>. Tags are few-valued: never an id, never content.
/// </summary>
/// <remarks>
/// GenAI and messaging names: OpenTelemetry's semantic conventions for generative AI (status: development) and for messaging. Dray's own
/// begin with <c>dray.</c>, which Prometheus shows as <c>dray_</c>.
/// </remarks>
internal static class DrayTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "Dray";

    /// <summary>The meters and sources of the libraries below.</summary>
    public const string MassTransit = "MassTransit";

    /// <inheritdoc cref="MassTransit"/>
    public const string Polly = "Polly";

    /// <inheritdoc cref="MassTransit"/>
    public const string AzureSources = "Azure.*";

    /// <summary>Tags of Dray's own.</summary>
    public const string Outcome = "outcome";

    /// <inheritdoc cref="Outcome"/>
    public const string ErrorCode = "error_code";

    /// <inheritdoc cref="Outcome"/>
    public const string Schedule = "schedule";

    /// <inheritdoc cref="Outcome"/>
    public const string Event = "event";

    /// <inheritdoc cref="Outcome"/>
    public const string Target = "target";

    /// <inheritdoc cref="Outcome"/>
    public const string Direction = "direction";

    /// <inheritdoc cref="Outcome"/>
    public const string Check = "check";

    /// <summary>The gauge of health checks.</summary>
    public const string Health = "dray.health";

    /// <summary>Tag: the queue.</summary>
    public const string Queue = "queue";

    /// <summary>Tags of the conventions.</summary>
    public const string ErrorType = "error.type";

    /// <inheritdoc cref="ErrorType"/>
    public const string Operation = "gen_ai.operation.name";

    /// <inheritdoc cref="ErrorType"/>
    public const string Provider = "gen_ai.provider.name";

    /// <inheritdoc cref="ErrorType"/>
    public const string RequestModel = "gen_ai.request.model";

    /// <inheritdoc cref="ErrorType"/>
    public const string TokenType = "gen_ai.token.type";

    /// <inheritdoc cref="ErrorType"/>
    public const string InputTokens = "gen_ai.usage.input_tokens";

    /// <inheritdoc cref="ErrorType"/>
    public const string OutputTokens = "gen_ai.usage.output_tokens";

    /// <inheritdoc cref="ErrorType"/>
    public const string FinishReasons = "gen_ai.response.finish_reasons";

    /// <inheritdoc cref="ErrorType"/>
    public const string MessagingSystem = "messaging.system";

    /// <inheritdoc cref="ErrorType"/>
    public const string MessagingOperation = "messaging.operation.name";

    /// <inheritdoc cref="ErrorType"/>
    public const string Destination = "messaging.destination.name";

    /// <summary>What rows do to a model, by the GenAI conventions' word.</summary>
    public const string Chat = "chat";

    /// <summary>Who computes, by the GenAI conventions' tag for it.</summary>
    public const string ProviderName = "dray";

    // The GenAI conventions' own boundaries.
    private static readonly double[] Seconds =
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    private static readonly long[] TokenCounts =
        [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

    // Chunks and queues go on for longer than a request.
    private static readonly double[] LongSeconds = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 86_400];

    // The messaging conventions' own boundaries, and those of a long handling.
    private static readonly double[] HandlingSeconds =
        [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300, 900, 1800];

    /// <summary>Gets the source of the worker's spans.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>Gets the meter of the instruments below.</summary>
    public static Meter Meter { get; } = new(Name);

    /// <summary>Gets the rows that ended, by outcome and error code.</summary>
    public static Counter<long> Rows { get; } = Meter.CreateCounter<long>("dray.rows", "{row}", "Rows that ended.");

    /// <summary>Gets the rows that are being answered.</summary>
    public static UpDownCounter<long> RowsInFlight { get; } =
        Meter.CreateUpDownCounter<long>("dray.rows.in_flight", "{row}", "Rows that are being answered.");

    /// <summary>Gets how long a chunk took, by outcome.</summary>
    public static Histogram<double> ChunkDuration { get; } =
        Create("dray.chunk.duration", "s", "How long a chunk took on this worker.", LongSeconds);

    /// <summary>Gets the batches committed; a conflict is one that another worker committed first.</summary>
    public static Counter<long> Commits { get; } =
        Meter.CreateCounter<long>("dray.commits", "{commit}", "Batches committed; a conflict found another worker's manifest there.");

    /// <summary>Gets the schedules' firings that ended, by schedule.</summary>
    public static Counter<long> Firings { get; } =
        Meter.CreateCounter<long>("dray.schedule.firings", "{firing}", "Firings of schedules that ended, counted by the worker that ended them.");

    /// <summary>Gets the pictures of schedules, by schedule and outcome.</summary>
    public static Counter<long> SchedulePictures { get; } =
        Meter.CreateCounter<long>("dray.schedule.pictures", "{picture}", "Pictures that schedules captioned, failed at or gave up.");

    /// <summary>Gets the events handed over, by event, target and outcome.</summary>
    public static Counter<long> Events { get; } =
        Meter.CreateCounter<long>("dray.events", "{event}", "Events handed to the broker or the webhook, after all attempts.");

    /// <summary>Gets how long a message lay in its queue.</summary>
    public static Histogram<double> QueueLag { get; } =
        Create("dray.queue.lag", "s", "Time from sending a message to handling it.", LongSeconds);

    /// <summary>Gets the messages that came a second time.</summary>
    public static Counter<long> Redelivered { get; } =
        Meter.CreateCounter<long>("dray.deliveries.redelivered", "{delivery}", "Messages that the broker delivered again.");

    /// <summary>Gets the tokens of a request, by direction.</summary>
    public static Histogram<long> TokenUsage { get; } = Create("gen_ai.client.token.usage", "{token}", "Tokens of a request.", TokenCounts);

    /// <summary>Gets how long a row took with waiting for a place.</summary>
    public static Histogram<double> OperationDuration { get; } =
        Create("gen_ai.client.operation.duration", "s", "How long a row took, with waiting for a place.", Seconds);

    /// <summary>Gets how long the engine took for a request.</summary>
    public static Histogram<double> RequestDuration { get; } =
        Create("gen_ai.server.request.duration", "s", "How long the engine took for a request, to its last token.", Seconds);

    /// <summary>Gets how long handling a message took.</summary>
    public static Histogram<double> ProcessDuration { get; } =
        Create("messaging.process.duration", "s", "How long handling a message took.", HandlingSeconds);

    /// <summary>Gets the messages taken.</summary>
    public static Counter<long> Consumed { get; } =
        Meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Messages delivered to this worker.");

    /// <summary>Gets the messages sent.</summary>
    public static Counter<long> Sent { get; } =
        Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Messages that this worker tried to send.");

    private static Histogram<T> Create<T>(string name, string unit, string description, T[] boundaries)
        where T : struct =>
        Meter.CreateHistogram(name, unit, description, advice: new InstrumentAdvice<T> { HistogramBucketBoundaries = boundaries });
}
