namespace Dray.Cli.Drill;

/// <summary>Something that holds of every batch, whatever happened while it ran.</summary>
/// <param name="Name">What it says, in a few words.</param>
/// <param name="Violation">How it doesn't hold, in a sentence; null where it does.</param>
internal sealed record Invariant(string Name, string? Violation)
{
    /// <summary>Gets a value indicating whether it holds.</summary>
    public bool Holds => Violation is null;
}
