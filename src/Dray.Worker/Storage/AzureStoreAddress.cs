using System.Net;
using Azure.Identity;
using Azure.Storage;
using Azure.Storage.Blobs;

namespace Dray.Worker.Storage;

/// <summary>A container of Azure or Azurite, a folder in it, and how to prove who is asking.</summary>
internal sealed class AzureStoreAddress
{
    private const string DefaultContainer = "dray";
    private const string ContainerKey = "Container";
    private const string EndpointKey = "BlobEndpoint";

    // Every Azurite has this account and key: they are no secret, and guard nothing.
    private const string AzuriteAccount = "devstoreaccount1";
    private const string AzuriteKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private AzureStoreAddress(Func<BlobClientOptions, BlobContainerClient> connect, string prefix, bool createsContainer)
    {
        (Connect, Prefix, CreatesContainer) = (connect, prefix, createsContainer);
        var plain = new UriBuilder(connect(new BlobClientOptions()).Uri) { Query = "" }.Uri;
        Display = plain.AbsoluteUri.TrimEnd('/') + (prefix.Length > 0 ? "/" + prefix : "");
    }

    /// <summary>Gets what makes a client.</summary>
    public Func<BlobClientOptions, BlobContainerClient> Connect { get; }

    /// <summary>Gets the folder in the container; empty for all of it.</summary>
    public string Prefix { get; }

    /// <summary>Gets whether the container is created where it is missing.</summary>
    public bool CreatesContainer { get; }

    /// <summary>Gets the address without any secret.</summary>
    public string Display { get; }

    /// <summary>Reads a URL or connection string; null where the text is neither.</summary>
    /// <exception cref="ArgumentException">It is one, but is wrong; the message is a sentence that shows no secret.</exception>
    public static AzureStoreAddress? TryParse(string text)
    {
        if (ConnectionSettings.TryParse(text) is { } settings) return OfConnectionString(settings);
        return text.Contains("://", StringComparison.Ordinal) ? OfUrl(text) : null;
    }

    private static AzureStoreAddress OfUrl(string text)
    {
        var shown = WithoutSecrets(text);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http"))
            throw Wrong(shown, "isn't an https URL; write https://ACCOUNT.blob.core.windows.net/CONTAINER, or the path of a folder");
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            throw Wrong(shown, "has a user, password or fragment; leave it out and add a shared access signature, or none to use an identity");
        if (url.Query.Length > 0 && !url.Query.Contains("sig=", StringComparison.OrdinalIgnoreCase))
            throw Wrong(shown, "has a query that isn't a shared access signature; leave it out");

        var isAzurite = IsPathStyle(url);
        var parts = Uri.UnescapeDataString(url.AbsolutePath).Trim('/').Split('/');
        if (isAzurite && url.Scheme == "http" && (!url.IsLoopback || parts[0] != AzuriteAccount))
            throw Wrong(shown, $"isn't encrypted; write https, or http://127.0.0.1:10000/{AzuriteAccount}/CONTAINER for Azurite on this machine");
        if (!isAzurite && url.Scheme == "http") throw Wrong(shown, "isn't encrypted; write https");
        var account = isAzurite ? "/" + parts[0] : "";
        if (isAzurite) parts = parts[1..];
        var (container, prefix) = Names(shown, string.Join('/', parts));

        // The client takes the account from the path only where the host is a number.
        var host = url.Host == "localhost" ? "127.0.0.1" : url.Host;
        var address = new UriBuilder(url) { Host = host, Path = $"{account}/{container}" }.Uri;
        Func<BlobClientOptions, BlobContainerClient> connect = url switch
        {
            { Query.Length: > 0 } => options => new BlobContainerClient(address, options),
            { Scheme: "http" } => options => new BlobContainerClient(address, new StorageSharedKeyCredential(AzuriteAccount, AzuriteKey), options),
            _ => options => new BlobContainerClient(address, new DefaultAzureCredential(), options),
        };
        return new AzureStoreAddress(connect, prefix, createsContainer: false);
    }

    private static AzureStoreAddress OfConnectionString(ConnectionSettings settings)
    {
        var (container, prefix) = Names(settings.ToString(), settings[ContainerKey] ?? DefaultContainer);
        var endpoint = settings[EndpointKey]?.Replace("//localhost", "//127.0.0.1", StringComparison.OrdinalIgnoreCase);
        var text = settings.Join(without: ContainerKey, replace: EndpointKey, by: endpoint);
        try
        {
            var client = new BlobContainerClient(text, container);
            if (client.Uri.Scheme != "https" && client.AccountName != AzuriteAccount)
                throw Wrong(settings.ToString(), "isn't encrypted; use https, for plain http is for Azurite only");
            return new AzureStoreAddress(options => new BlobContainerClient(text, container, options), prefix, createsContainer: true);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or UriFormatException)
        {
            // What the client says may repeat a key.
            throw Wrong(
                settings.ToString(),
                "isn't a whole connection string; copy it from the account's access keys, or write UseDevelopmentStorage=true for Azurite");
        }
    }

    private static (string Container, string Prefix) Names(string shown, string path)
    {
        path = path.Trim('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var (container, prefix) = slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..]);
        if (container.Length is < 3 or > 63 || !container.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            || container.StartsWith('-') || container.EndsWith('-') || container.Contains("--", StringComparison.Ordinal))
        {
            throw Wrong(shown, "names no container; a container's name has 3 to 63 of a-z 0-9 -, no - at either end or twice in a row");
        }

        if (prefix.Length > 0 && !BlobPath.IsValid(prefix))
            throw Wrong(shown, "has a path after its container that no blobs can have; use names separated by '/' without '.' at either end");
        return (container, prefix);
    }

    private static bool IsPathStyle(Uri url) => url.IsLoopback || IPAddress.TryParse(url.Host, out _);

    private static string WithoutSecrets(string url)
    {
        var end = url.AsSpan().IndexOfAny('?', '#');
        if (end >= 0) url = url[..end];
        var host = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var user = url.LastIndexOf('@');
        return user > host ? url[..host] + url[(user + 1)..] : url;
    }

    private static ArgumentException Wrong(string shown, string why) => new($"The store '{shown}' {why}.");
}
