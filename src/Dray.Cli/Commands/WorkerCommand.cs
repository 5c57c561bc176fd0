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
        var http = new Option<bool>("--http") { Description = "Answer OpenAI's HTTP interface too, as 'dray serve' does. Default: what the file's http says, or not." };
        command.Add(http);
        command.SetAction((parsed, cancellationToken) => worker.RunAsync(
            parsed, createBackend, configuration => configuration.ServesHttp || parsed.GetValue(http) ? configuration.Http : null, needsBroker: true, cancellationToken));
        return command;
    }
}
