namespace Dray.Worker.Page.Rows;

/// <summary>Where a row's answer stands in the blob of its chunk, and how it ended.</summary>
/// <param name="Offset">Where its line begins, in bytes.</param>
/// <param name="Length">The bytes of its line; 0 while there is none.</param>
/// <param name="Code">The code of its error, or null where it succeeded.</param>
internal readonly record struct RowAnswer(long Offset, int Length, string? Code)
{
    /// <summary>Gets what became of the row.</summary>
    public RowOutcome Outcome => Length == 0 ? RowOutcome.Unfinished : Code is null ? RowOutcome.Succeeded : RowOutcome.Failed;
}
