using Dray.Worker.Storage;
using Dray.Worker.Transport;

namespace Dray.Cli.Configuration;

/// <summary>Where broker and store are: what command line and file say, then the environment, then the defaults.</summary>
internal static class ServiceAddresses
{
    private const string DefaultStore = "UseDevelopmentStorage=true";

    /// <summary>Whether something names a broker.</summary>
    public static bool NamesBroker(DrayConfiguration configuration) => (configuration.Broker ?? FromEnvironment("DRAY_BROKER")) is not null;

    /// <summary>Whether something names a store.</summary>
    public static bool NamesStore(DrayConfiguration configuration) => (configuration.Store ?? FromEnvironment("DRAY_STORE")) is not null;

    /// <summary>The store.</summary>
    /// <param name="configuration">What command line and file say.</param>
    /// <param name="fallback">The store where nothing names one.</param>
    /// <exception cref="CommandException">Its address is none.</exception>
    public static BlobStoreLocation LocationOf(DrayConfiguration configuration, string fallback = DefaultStore)
    {
        try
        {
            return BlobStoreLocation.Parse(StoreOf(configuration, fallback));
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }

    /// <summary>The broker.</summary>
    /// <exception cref="CommandException">Its address is none.</exception>
    public static BrokerOptions BrokerOf(DrayConfiguration configuration)
    {
        try
        {
            return BrokerOptions.Parse(UrlOf(configuration)) with
            {
                CaFile = configuration.BrokerCaFile,
                ClientCertificateFile = configuration.BrokerCertificateFile,
                ConsumerTimeout = configuration.ConsumerTimeout,
            };
        }
        catch (FormatException exception)
        {
            throw new CommandException(ExitCode.Usage, exception.Message);
        }
    }

    /// <summary>The store as it is written, secrets included.</summary>
    public static string StoreOf(DrayConfiguration configuration, string fallback = DefaultStore) =>
        configuration.Store ?? FromEnvironment("DRAY_STORE") ?? fallback;

    /// <summary>The broker's URL as it is written, secrets included.</summary>
    public static string UrlOf(DrayConfiguration configuration) => configuration.Broker ?? FromEnvironment("DRAY_BROKER") ?? BrokerOptions.DefaultUrl;

    private static string? FromEnvironment(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
