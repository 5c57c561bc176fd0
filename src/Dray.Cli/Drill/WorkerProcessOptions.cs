namespace Dray.Cli.Drill;

/// <summary>How to start a worker in a process of its own.</summary>
internal sealed record WorkerProcessOptions
{
    /// <summary>Gets the broker's URL, password included; it goes by the environment.</summary>
    public required string Broker { get; init; }

    /// <summary>Gets the store, key included; it goes by the environment.</summary>
    public required string Store { get; init; }

    /// <summary>Gets the checkpoint's folder, or null for the one that the worker takes by itself.</summary>
    public string? Model { get; init; }

    /// <summary>Gets a configuration file, which names neither broker nor store, or null for none.</summary>
    public string? Config { get; init; }

    /// <summary>Gets how many threads it computes on, or null for as many as it wants.</summary>
    public int? Threads { get; init; }

    /// <summary>Gets further variables of its environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
