namespace Dray.Worker.Execution;

/// <summary>Why the rest of a batch doesn't run.</summary>
internal enum StopReason
{
    /// <summary>Somebody cancelled it.</summary>
    Cancelled = 1,

    /// <summary>Its time ran out.</summary>
    Expired,
}
