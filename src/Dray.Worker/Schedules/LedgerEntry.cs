namespace Dray.Worker.Schedules;

/// <summary>A line of <c>ledger.jsonl</c>: a picture that was dealt with.</summary>
/// <param name="Path">The path below the source.</param>
/// <param name="Version">The version that it was dealt with in.</param>
/// <param name="Failures">How often it failed; 0 where it has its caption.</param>
/// <param name="Firing">The firing that it was last part of.</param>
internal sealed record LedgerEntry(string Path, string Version, int Failures, string Firing);
