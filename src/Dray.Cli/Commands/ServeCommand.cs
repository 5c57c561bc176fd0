using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Inference.Compute;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary><c>dray serve</c>: a worker that answers over HTTP too; where no broker is named it is a whole service in one process.</summary>
internal static class ServeCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "serve";

    public static Command Create(Func<DrayConfiguration, ILoggerFactory, IComputeBackend> createBackend)
    {
        var command = new Command(
            Name,
            "Serve OpenAI's HTTP interface, and work through the queues of a broker where --broker, the file or $DRAY_BROKER names one; " +
            "without one, batches are run in this process and kept in the store, ./dray-store by default.");
        var worker = new HostedWorker(command);
        command.SetAction((parsed, cancellationToken) => worker.RunAsync(parsed, createBackend, configuration => configuration.Http, needsBroker: false, cancellationToken));
        return command;
    }
}
