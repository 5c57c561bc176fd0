using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Worker.Hosting;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary><c>dray worker</c>: the service.</summary>
internal static class WorkerCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "worker";

    public static Command Create(Func<DrayConfiguration, ILoggerFactory, IComputeBackend> createBackend)
    {
        var format = new Option<string>("--log-format")
        {
            Description = "How to log, to stdout: a line of text for people, or a JSON object a line for machines. Default: text.",
            HelpName = "text|json",
            DefaultValueFactory = _ => "text",
        };
        format.AcceptOnlyFromAmong("text", "json");
        var command = new Command(Name, "Work through the queues until stopped; on SIGTERM what runs is finished and the rest handed back.") { format };
        var configured = ConfigurationOptions.OfEngine(command);
        configured.AddServices(command);
        configured.AddServer(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var loggers = new Terminal.TextLoggerFactory(parsed.InvocationConfiguration.Error);
            var configuration = configured.Resolve(parsed, loggers, serves: true);
            try
            {
                var options = new WorkerHostOptions
                {
                    Broker = ServiceAddresses.BrokerOf(configuration),
                    Store = ServiceAddresses.LocationOf(configuration),
                    Worker = configuration.Worker,
                    Host = configuration.Host,
                    Port = configuration.Port,
                    LogsJson = parsed.GetRequiredValue(format) == "json",
                };
                await new WorkerHost(options, (log, token) => Task.Run<IInferenceEngine>(
                    () => InferenceEngine.Load(configuration.Model!, createBackend(configuration, log), configuration.Engine, log, new Terminal.LoadLog(log.CreateLogger(typeof(WorkerCommand)), TimeProvider.System)), token))
                    .RunAsync(cancellationToken);
            }
            catch (DeviceLostException exception)
            {
                throw new CommandException(ExitCode.DeviceLost, $"{exception.Message} What wasn't done is back in its queue; start the worker again.");
            }
            catch (ValidationException exception)
            {
                throw new CommandException(ExitCode.Usage, exception.Message);
            }

            return ExitCode.Done;
        });
        return command;
    }
}
