using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Inference.Compute;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary><c>dray worker</c>: the service.</summary>
internal static class WorkerCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "worker";

    public static Command Create(Func<DrayConfiguration, ILoggerFactory, IComputeBackend> createBackend)
    {
        var command = new Command(Name, "Work through the queues until stopped; on SIGTERM what runs is finished and the rest handed back.");
        var worker = new HostedWorker(command);
        command.SetAction((parsed, cancellationToken) => worker.RunAsync(parsed, createBackend, _ => null, needsBroker: true, cancellationToken));
        return command;
    }
}
