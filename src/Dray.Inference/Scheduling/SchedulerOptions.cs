namespace Dray.Inference.Scheduling;

/// <summary>Limits and policy of a scheduler.</summary>
/// <param name="MaxBatchedTokens">The most tokens in one step.</param>
/// <param name="MaxSequences">The most sequences that hold a place at a time.</param>
internal readonly record struct SchedulerOptions(int MaxBatchedTokens, int MaxSequences)
{
    /// <summary>Gets whether a prompt may be cut where the budget ends. <value>The default value is true.</value></summary>
    public bool ChunkedPrefill { get; init; } = true;

    /// <summary>
    /// Gets the share of the budget that must be pending before prompts interrupt decoding, while at most a quarter of the places is empty.
    /// <value>The default value is 0, which never waits.</value>
    /// </summary>
    public double PrefillFill { get; init; }
}
