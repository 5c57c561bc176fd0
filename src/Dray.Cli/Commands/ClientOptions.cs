using System.CommandLine;
using Dray.Cli.Configuration;
using Dray.Worker.Client;
using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Cli.Commands;

/// <summary>Which broker and store a command talks to.</summary>
internal sealed class ClientOptions
{
    private const string DefaultStore = "UseDevelopmentStorage=true";
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
        return BatchClient.OpenAsync(StoreOf(configuration), BrokerOf(configuration), cancellationToken);
    }

    /// <summary>A connection to the broker that the options name.</summary>
    public Task<BrokerClient> ConnectAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        BrokerClient.ConnectAsync(BrokerOf(_configured.Resolve(parsed)), cancellationToken);

    private static BlobStoreLocation StoreOf(DrayConfiguration configuration)
    {
        try
        {
            return BlobStoreLocation.Parse(configuration.Store ?? FromEnvironment("DRAY_STORE") ?? DefaultStore);
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }

    private static BrokerOptions BrokerOf(DrayConfiguration configuration)
    {
        try
        {
            return BrokerOptions.Parse(configuration.Broker ?? FromEnvironment("DRAY_BROKER") ?? BrokerOptions.DefaultUrl);
        }
        catch (FormatException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }

    private static string? FromEnvironment(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
