namespace Dray.Cli.Commands;

/// <summary>How fast some rows ran.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Elapsed">How long they took, from when the engine was ready.</param>
/// <param name="CompletionTokensPerSecond">Tokens generated per second.</param>
internal sealed record RowSampleResult(long Rows, TimeSpan Elapsed, double CompletionTokensPerSecond)
{
    /// <summary>How long <paramref name="rows"/> rows like these take.</summary>
    public TimeSpan Estimate(long rows) => Elapsed / Rows * rows;
}
