using Azure;
using Azure.Storage.Blobs;

namespace Dray.Worker.Storage;

/// <summary>
/// Where a store is: a folder, the URL of an Azure blob container with or without a shared access signature, or an Azure connection
/// string. No text that it gives shows a key or signature.
/// </summary>
public sealed class BlobStoreLocation
{
    private const string ProbePath = "probe.txt";
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(30);
    private readonly string _display;
    private readonly string? _folder;
    private readonly AzureStoreAddress? _azure;

    private BlobStoreLocation(string folder) => _display = _folder = folder;

    private BlobStoreLocation(AzureStoreAddress azure) => (_azure, _display) = (azure, azure.Display);

    /// <summary>Reads a location.</summary>
    /// <param name="store">
    /// A folder; <c>https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX]</c>, with a shared access signature as its query or else an
    /// identity found by Azure.Identity; or a connection string, such as <c>UseDevelopmentStorage=true</c>, whose container is
    /// <c>dray</c>, created where it is missing, or what <c>;Container=NAME[/PREFIX]</c> says. Plain http is for Azurite only.
    /// </param>
    /// <exception cref="ArgumentException">It is none of these; the message is a sentence that shows no secret.</exception>
    public static BlobStoreLocation Parse(string store)
    {
        if (string.IsNullOrWhiteSpace(store))
            throw new ArgumentException("The store is empty; name a folder, the URL of a blob container, or an Azure connection string.");
        if (AzureStoreAddress.TryParse(store.Trim()) is { } azure) return new BlobStoreLocation(azure);
        if (store.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException("The store's folder has a zero character in it; name another.");
        return new BlobStoreLocation(Path.GetFullPath(store));
    }

    /// <summary>The location without key, signature or password.</summary>
    public override string ToString() => _display;

    /// <summary>Gets the folder, or null where the store is a container.</summary>
    internal string? Folder => _folder;

    /// <summary>Looks whether the store can be reached and written, by writing <c>probe.txt</c>, for half a minute at most.</summary>
    /// <exception cref="IOException">It can't; the message says why.</exception>
    public async Task ProbeAsync(CancellationToken cancellationToken = default)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(ProbePatience);
        try
        {
            var store = await OpenBrieflyAsync(timeout.Token);
            using var disposable = store as IDisposable;
            await store.PutAsync(
                ProbePath,
                (stream, token) => stream.WriteAsync("Dray writes here to see whether it can.\n"u8.ToArray(), token).AsTask(),
                timeout.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The store '{this}' didn't answer within {ProbePatience.TotalSeconds} s; start it, or correct its address.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The store '{this}' can't be written; give this user the right to, or name another folder. {e.Message}", e);
        }
    }

    /// <summary>Opens the store. A folder, and the container of a connection string, are created where they are missing.</summary>
    /// <exception cref="IOException">It can't be opened; the message says why.</exception>
    internal Task<IBlobStore> OpenAsync(CancellationToken cancellationToken = default) =>
        OpenAsync(AzureBlobRetries.Patient(), cancellationToken);

    /// <summary>Opens the store as <see cref="OpenAsync(CancellationToken)"/> does, for who won't wait for one that doesn't answer.</summary>
    /// <exception cref="IOException">It can't be opened; the message says why.</exception>
    internal Task<IBlobStore> OpenBrieflyAsync(CancellationToken cancellationToken) => OpenAsync(AzureBlobRetries.Brief(), cancellationToken);

    private async Task<IBlobStore> OpenAsync(BlobClientOptions options, CancellationToken cancellationToken)
    {
        if (_azure is null) return new FileSystemBlobStore(_folder!);
        var container = _azure.Connect(options);
        if (_azure.CreatesContainer) await CreateAsync(container, cancellationToken);
        return new AzureBlobStore(container, _azure.Prefix);
    }

    private async Task CreateAsync(BlobContainerClient container, CancellationToken cancellationToken)
    {
        try
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 403)
        {
            // A signature may allow to use the container but not to create one: using it will show whether it is there.
        }
        catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken))
        {
            throw AzureBlobFailure.Describe(e, $"The store '{this}' can't be opened", container.Uri);
        }
    }
}
