using Dray.Cli.Configuration;
using Dray.Worker;

namespace Dray.Cli.Tests.Deploy;

/// <summary>What every way to deploy has to agree on with the worker.</summary>
internal static class DeploySettings
{
    /// <summary>The port of health checks and metrics.</summary>
    public static int Port { get; } = new DrayConfiguration().Port;

    /// <summary>
    /// The least time between the request to stop and the kill: what rows may take to end, what the bus and the host wait beyond that, and
    /// something for a store that is slow just then.
    /// </summary>
    public static TimeSpan LeastGrace { get; } = new WorkerOptions().DrainTimeout + TimeSpan.FromSeconds(30);
}
