using Dray.Cli.Configuration;

namespace Dray.Cli.Tests.Deploy;

/// <summary>What every way to deploy has to agree on with the worker.</summary>
internal static class DeploySettings
{
    /// <summary>The port of health checks and metrics.</summary>
    public static int Port { get; } = new DrayConfiguration().Port;

    /// <summary>
    /// The least time between the request to stop and the kill: what consumers and the host may take, and as much again for a store
    /// that is slow just then.
    /// </summary>
    public static TimeSpan LeastGrace { get; } = TimeSpan.FromMinutes(1);
}
