using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Cli.Drill;

/// <summary>What a drill is done on, and how much of it.</summary>
internal sealed record DrillOptions
{
    /// <summary>Gets the broker.</summary>
    public required BrokerOptions Broker { get; init; }

    /// <summary>Gets the store.</summary>
    public required BlobStoreLocation Store { get; init; }

    /// <summary>Gets how to start a worker on both.</summary>
    public required WorkerProcessOptions Worker { get; init; }

    /// <summary>Gets how many workers there are.</summary>
    public int Workers { get; init; } = 3;

    /// <summary>Gets how many rows the batch has.</summary>
    public int Rows { get; init; } = 300;

    /// <summary>Gets how often a worker is killed.</summary>
    public int Kills { get; init; } = 6;

    /// <summary>Gets what rows, faults and victims are drawn from.</summary>
    public int Seed { get; init; }

    /// <summary>Gets a value indicating whether workers are killed, and nothing else happens.</summary>
    public bool OnlyKills { get; init; }

    /// <summary>Gets a value indicating whether the batch stays in the store.</summary>
    public bool Keeps { get; init; }
}
