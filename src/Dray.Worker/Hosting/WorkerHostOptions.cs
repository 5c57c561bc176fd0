using Dray.Worker.Http;
using Dray.Worker.Schedules;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Worker.Hosting;

/// <summary>Where a worker takes its work from, and how it shows how it is.</summary>
public sealed record WorkerHostOptions
{
    /// <summary>
    /// Gets the broker, or null for none: work then comes over HTTP only, goes through memory, and what isn't done when the process ends is
    /// taken up by the next one on the same store.
    /// </summary>
    public required BrokerOptions? Broker { get; init; }

    /// <summary>Gets the store.</summary>
    public required BlobStoreLocation Store { get; init; }

    /// <summary>Gets how the worker runs.</summary>
    public required WorkerOptions Worker { get; init; }

    /// <summary>Gets how requests are answered over HTTP, or null where only health and metrics are served.</summary>
    public HttpApiOptions? Http { get; init; }

    /// <summary>Gets the schedules, which every worker of a fleet has alike. <value>Empty by default.</value></summary>
    public IReadOnlyList<ScheduleOptions> Schedules { get; init; } = [];

    /// <summary>Gets the address that health and metrics are served on. <value>The default value is <c>localhost</c>.</value></summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Gets the port that health and metrics are served on; 0 for any that is free. <value>The default value is 8000.</value></summary>
    public int Port { get; init; } = 8000;

    /// <summary>Gets the clock. <value>The default value is the system's.</value></summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gets a value indicating whether to log one JSON object a line, for machines. <value>The default value is false.</value></summary>
    public bool LogsJson { get; init; }
}
