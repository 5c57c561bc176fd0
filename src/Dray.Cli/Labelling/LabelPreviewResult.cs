namespace Dray.Cli.Labelling;

/// <summary>A preview and what it says about all rows.</summary>
/// <param name="Rows">All rows of the data.</param>
/// <param name="Sample">The rows that were labelled.</param>
/// <param name="Usage">Their tokens.</param>
/// <param name="Elapsed">How long they took, from when the engine was ready.</param>
internal sealed record LabelPreviewResult(long Rows, IReadOnlyList<LabelPreviewRow> Sample, LabelUsage Usage, TimeSpan Elapsed)
{
    /// <summary>Gets the prompt tokens of all rows, if they are like the sample.</summary>
    public long PromptTokens => Scale(Usage.PromptTokens);

    /// <summary>Gets the tokens generated for all rows, if they are like the sample.</summary>
    public long CompletionTokens => Scale(Usage.CompletionTokens);

    /// <summary>Gets how long all rows take on this machine, if they are like the sample.</summary>
    public TimeSpan Time => Sample.Count == 0 ? TimeSpan.Zero : Elapsed / Sample.Count * Rows;

    /// <summary>What all rows cost.</summary>
    /// <param name="priceIn">The price of a million prompt tokens.</param>
    /// <param name="priceOut">The price of a million tokens generated.</param>
    public double Cost(double priceIn, double priceOut) => ((PromptTokens * priceIn) + (CompletionTokens * priceOut)) / 1e6;

    private long Scale(long tokens) => Sample.Count == 0 ? 0 : (long)Math.Round((double)tokens / Sample.Count * Rows);
}
