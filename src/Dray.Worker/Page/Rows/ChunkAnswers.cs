namespace Dray.Worker.Page.Rows;

/// <summary>Where the answers of one chunk stand, at one time.</summary>
/// <param name="Path">The blob that they stand in.</param>
/// <param name="Rows">How the rows ended, in input order; rows that repeat others are empty.</param>
internal sealed record ChunkAnswers(string Path, IReadOnlyList<RowAnswer> Rows);
