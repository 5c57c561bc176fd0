namespace Dray.Cli.Drill;

/// <summary>A fault and its moment.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="AtRow">When so many rows are done.</param>
internal readonly record struct DrillFault(DrillFaultKind Kind, long AtRow)
{
    /// <summary>The share of the rows in which faults happen; the rest is for the last one's consequences, while rows still run.</summary>
    private const double Last = 0.85;

    /// <summary>Draws what happens to a batch, in the order in which it does.</summary>
    /// <param name="seed">The same seed draws the same.</param>
    /// <param name="rows">The batch's rows.</param>
    /// <param name="kills">How often a worker is killed.</param>
    /// <param name="onlyKills">Whether nothing else is to happen.</param>
    public static IReadOnlyList<DrillFault> Draw(int seed, int rows, int kills, bool onlyKills)
    {
        var random = new Random(seed);
        DrillFaultKind[] others = onlyKills
            ? []
            : [DrillFaultKind.Drain, DrillFaultKind.Redeliver, DrillFaultKind.PublishFails, DrillFaultKind.Drain, DrillFaultKind.Redeliver];
        var faults = Enumerable.Repeat(DrillFaultKind.Kill, kills).Concat(others)
            .Select(kind => new DrillFault(kind, 1 + (long)(random.NextDouble() * Last * rows)))
            .OrderBy(fault => fault.AtRow).ToList();
        if (!onlyKills) faults.Add(new DrillFault(DrillFaultKind.LostCommit, (long)(Last * rows)));
        return faults;
    }
}
