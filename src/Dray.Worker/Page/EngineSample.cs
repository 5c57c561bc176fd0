namespace Dray.Worker.Page;

/// <summary>What the engine did, and where it was, in a moment.</summary>
public readonly record struct EngineSample
{
    /// <summary>Gets the tokens generated per second.</summary>
    public required double GeneratedPerSecond { get; init; }

    /// <summary>Gets the prompt tokens computed per second.</summary>
    public required double PromptPerSecond { get; init; }

    /// <summary>Gets the share of the KV cache that sequences hold, 0..1; NaN where there is none.</summary>
    public required double KvUse { get; init; }

    /// <summary>Gets the mean fill of prefill steps, 0..1; NaN before the first.</summary>
    public required double PrefillFill { get; init; }

    /// <summary>Gets the sequences that run.</summary>
    public required double Running { get; init; }

    /// <summary>Gets the sequences that wait.</summary>
    public required double Waiting { get; init; }

    /// <summary>Gets the rows, or messages of a broker, that are still to be worked through.</summary>
    public required double Queued { get; init; }
}
