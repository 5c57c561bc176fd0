namespace Dray.Inference.Scheduling;

/// <summary>Which of the requests that wait goes first, and which keeps its place when memory runs out.</summary>
public enum RequestPriority
{
    /// <summary>After all others.</summary>
    Low = -1,

    /// <summary>In order of arrival.</summary>
    Normal = 0,

    /// <summary>Before all others.</summary>
    High = 1,
}
