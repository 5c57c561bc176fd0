using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Cli.Commands;

/// <summary>Which broker and store a command talks to.</summary>
internal sealed class ClientOptions
{
    private readonly ConfigurationOptions _configured;

    private ClientOptions(ConfigurationOptions configured) => _configured = configured;

    /// <summary>Adds the options to a command.</summary>
    public static ClientOptions Of(Command command) => new(ConfigurationOptions.OfClient(command));

    /// <summary>An argument that names a batch.</summary>
    public static Argument<string> BatchId() => new("ID") { Description = "The batch, as 'dray submit' printed it." };

    /// <summary>A <c>--max-tokens-total</c> option.</summary>
    public static Option<long?> MaxTokensTotal(string description)
    {
        var option = new Option<long?>("--max-tokens-total") { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long?>() < 1) result.AddError("--max-tokens-total must be at least 1 token.");
        });
        return option;
    }

    /// <summary>A client of what the options name.</summary>
    public Task<BatchClient> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var configuration = _configured.Resolve(parsed);
        return BatchClient.OpenAsync(ServiceAddresses.LocationOf(configuration), ServiceAddresses.BrokerOf(configuration), cancellationToken);
    }

    /// <summary>A connection to the broker that the options name.</summary>
    public Task<BrokerClient> ConnectAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        BrokerClient.ConnectAsync(ServiceAddresses.BrokerOf(_configured.Resolve(parsed)), cancellationToken);
}
