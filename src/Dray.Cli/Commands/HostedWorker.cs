using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using Dray.Cli.Configuration;
using Dray.Cli.Terminal;
using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Worker.Hosting;
using Dray.Worker.Http;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Commands;

/// <summary>What <c>dray worker</c> and <c>dray serve</c> share: their options, and a worker that runs until it is stopped.</summary>
internal sealed class HostedWorker
{
    /// <summary>The store of a service without a broker, where nothing names another.</summary>
    public const string LocalStore = "dray-store";

    private readonly ConfigurationOptions _configured;
    private readonly Option<string> _format = new("--log-format")
    {
        Description = "How to log, to stdout: a line of text for people, or a JSON object a line for machines. Default: text.",
        HelpName = "text|json",
        DefaultValueFactory = _ => "text",
    };

    /// <summary>Adds the options to a command.</summary>
    public HostedWorker(Command command)
    {
        _format.AcceptOnlyFromAmong("text", "json");
        command.Add(_format);
        _configured = ConfigurationOptions.OfEngine(command);
        _configured.AddServices(command);
        _configured.AddServer(command);
    }

    /// <summary>Runs until <paramref name="cancellationToken"/> is cancelled.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="createBackend">Makes the backend that computes.</param>
    /// <param name="http">Makes the HTTP interface's options of a configuration; null where only health and metrics are served.</param>
    /// <param name="needsBroker">Whether there is always a broker; otherwise only where one is named.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<int> RunAsync(
        ParseResult parsed, Func<DrayConfiguration, ILoggerFactory, IComputeBackend> createBackend, Func<DrayConfiguration, HttpApiOptions?> http, bool needsBroker,
        CancellationToken cancellationToken)
    {
        using var loggers = new TextLoggerFactory(parsed.InvocationConfiguration.Error);
        var configuration = _configured.Resolve(parsed, loggers, serves: true);
        var hasBroker = needsBroker || ServiceAddresses.NamesBroker(configuration);
        try
        {
            var options = new WorkerHostOptions
            {
                Broker = hasBroker ? ServiceAddresses.BrokerOf(configuration) : null,
                Store = hasBroker ? ServiceAddresses.LocationOf(configuration) : ServiceAddresses.LocationOf(configuration, LocalStore),
                Worker = configuration.Worker,
                Http = http(configuration),
                Schedules = configuration.Schedules,
                Host = configuration.Host,
                Port = configuration.Port,
                LogsJson = parsed.GetRequiredValue(_format) == "json",
            };
            await new WorkerHost(options, (log, token) => Task.Run<IInferenceEngine>(
                () => InferenceEngine.Load(configuration.Model!, createBackend(configuration, log), configuration.Engine, log, new LoadLog(log.CreateLogger<HostedWorker>(), TimeProvider.System)), token))
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
    }
}
