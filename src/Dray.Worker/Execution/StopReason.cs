namespace Dray.Worker.Execution;

/// <summary>Why the rest of a batch doesn't run.</summary>
internal enum StopReason
{
    /// <summary>Somebody cancelled it.</summary>
    Cancelled = 1,

    /// <summary>Its time ran out.</summary>
    Expired,

    /// <summary>Somebody paused it; its rows wait.</summary>
    Paused,

    /// <summary>Its tokens are used up; its rows wait.</summary>
    OutOfTokens,
}
