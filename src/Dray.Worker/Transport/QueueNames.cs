using Dray.Contracts;

namespace Dray.Worker.Transport;

/// <summary>The queues of a deployment. Jobs and chunks have one for each priority.</summary>
internal static class QueueNames
{
    /// <summary>Batches to begin or go on with.</summary>
    public const string SubmitBatch = "dray-submit-batch";

    /// <summary>Batches to cancel.</summary>
    public const string CancelBatch = "dray-cancel-batch";

    /// <summary>Batches to let rest.</summary>
    public const string PauseBatch = "dray-pause-batch";

    /// <summary>Batches to go on with that rest.</summary>
    public const string ResumeBatch = "dray-resume-batch";

    /// <summary>Messages that were delivered too often.</summary>
    public const string DeadLetter = "dray-dead-letter";

    /// <summary>What follows a queue's name for messages that can't be read or handled.</summary>
    public const string ErrorSuffix = "_error";

    /// <summary>What follows a queue's name for messages that nobody takes.</summary>
    public const string SkippedSuffix = "_skipped";

    /// <summary>Gets the priorities, highest first.</summary>
    public static IReadOnlyList<JobPriority> Priorities { get; } = [JobPriority.High, JobPriority.Normal, JobPriority.Low];

    /// <summary>Gets every queue that is worked through.</summary>
    public static IReadOnlyList<string> Work { get; } =
        [SubmitBatch, CancelBatch, PauseBatch, ResumeBatch, .. Priorities.Select(RunChunk), .. Priorities.Select(RunJob)];

    /// <summary>Gets every queue that messages end up in when something went wrong.</summary>
    public static IReadOnlyList<string> Failure { get; } =
        [DeadLetter, .. Work.SelectMany(queue => new[] { queue + ErrorSuffix, queue + SkippedSuffix })];

    /// <summary>Chunks of one priority.</summary>
    public static string RunChunk(JobPriority priority) => "dray-run-chunk-" + RoutingKey(priority);

    /// <summary>Jobs of one priority.</summary>
    public static string RunJob(JobPriority priority) => "dray-run-job-" + RoutingKey(priority);

    /// <summary>The routing key that leads to the queues of a priority.</summary>
    public static string RoutingKey(JobPriority priority) => priority switch
    {
        JobPriority.Low => "low",
        JobPriority.High => "high",
        _ => "normal",
    };
}
