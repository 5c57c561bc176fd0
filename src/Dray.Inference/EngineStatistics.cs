namespace Dray.Inference;

/// <summary>Totals of an engine since its start, and where it is now. Read from any thread; the figures are each right, but may be a step apart.</summary>
public readonly record struct EngineStatistics
{
    /// <summary>Gets the forward passes run.</summary>
    public long Steps { get; init; }

    /// <summary>Gets the prompt tokens computed.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Gets the tokens that were not computed because another sequence had the same beginning.</summary>
    public long SharedTokens { get; init; }

    /// <summary>Gets the tokens generated.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>Gets the pictures that went through the vision encoder.</summary>
    public long EncodedImages { get; init; }

    /// <summary>Gets how often a sequence was put back for lack of KV blocks.</summary>
    public long Preemptions { get; init; }

    /// <summary>Gets the mean fill of max_num_batched_tokens over steps that computed prompts while more waited, 0..1; NaN before the first.</summary>
    public double MeanPrefillFill { get; init; }

    /// <summary>Gets the sequences that hold a place now.</summary>
    public int Running { get; init; }

    /// <summary>Gets the sequences that wait for a place.</summary>
    public int Waiting { get; init; }

    /// <summary>Gets the blocks of the KV cache.</summary>
    public int KvBlocks { get; init; }

    /// <summary>Gets the blocks of the KV cache that sequences hold now.</summary>
    public int KvBlocksUsed { get; init; }

    /// <summary>Gets a number that rises each time the loop comes around. One that stands still while there is work means that the loop hangs.</summary>
    public long Heartbeat { get; init; }

    /// <summary>Gets whether requests wait or run.</summary>
    public bool HasWork { get; init; }
}
