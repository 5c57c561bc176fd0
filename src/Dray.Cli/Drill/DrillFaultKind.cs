namespace Dray.Cli.Drill;

/// <summary>What a drill does to a batch.</summary>
internal enum DrillFaultKind
{
    /// <summary>A worker is killed, as with <c>kill -9</c>, and started again.</summary>
    Kill,

    /// <summary>A worker is asked to stop, as with SIGTERM, and started again.</summary>
    Drain,

    /// <summary>Every chunk and the submission are delivered once more, in another order.</summary>
    Redeliver,

    /// <summary>A worker can't publish for a while.</summary>
    PublishFails,

    /// <summary>All workers die between the batch's manifest and its completion event.</summary>
    LostCommit,
}
