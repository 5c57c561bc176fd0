namespace Dray.Inference.Scheduling;

/// <summary>Which of the requests that wait goes first, and which keeps its place when memory runs out.</summary>
public enum RequestPriority
{
    /// <summary>After all others.</summary>
    Low = -1,

    /// <summary>In order of arrival.</summary>
    Normal = 0,

    /// <summary>Before those.</summary>
    High = 1,

    /// <summary>Before all others and at once: someone waits for the answer, and what isn't interactive gives its place up for it.</summary>
    Interactive = 2,
}
