namespace Dray.Worker.Embedded;

/// <summary>Why an embedded batch didn't run.</summary>
public enum EmbeddedBatchProblem
{
    /// <summary>The input as a whole can't be run: missing, empty, too many rows.</summary>
    InputRefused,

    /// <summary>Another run holds the output folder.</summary>
    OutputBusy,

    /// <summary>The output folder can't be read or written.</summary>
    StoreFailed,

    /// <summary>The engine's device was lost.</summary>
    DeviceLost,
}
