namespace Dray.Cli.Tests.Faults;

/// <summary>Tests with many processes: one class at a time, and nothing beside it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultGroup
{
    public const string Name = "faults";
}
