namespace Dray.Cli.Drill;

/// <summary>How a drill ended.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="Faults">What happened to it, in order.</param>
/// <param name="Invariants">What was checked.</param>
/// <param name="Undisturbed">How long the undisturbed run took.</param>
/// <param name="Disturbed">How long the disturbed one took.</param>
internal sealed record DrillResult(
    string BatchId, IReadOnlyList<DrillFault> Faults, IReadOnlyList<Invariant> Invariants, TimeSpan Undisturbed, TimeSpan Disturbed)
{
    /// <summary>Gets a value indicating whether everything holds.</summary>
    public bool Holds => Invariants.All(invariant => invariant.Holds);
}
