using Azure;
using Dray.Inference;
using Dray.Worker.Storage;

namespace Dray.Worker.Images;

/// <summary>
/// Pictures in the store: those that were uploaded with a batch, named by relative paths, and those in containers of the store's account
/// that an operator allows, named <c>blob://container/name</c>. Names are taken as they stand, never decoded.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="containers">The containers that pictures may be read from.</param>
internal sealed class StoredImages(IBlobStore store, IReadOnlyList<string> containers)
{
    /// <summary>Reads a picture that was uploaded with a batch.</summary>
    /// <exception cref="RequestRejectedException">The path leaves the batch's folder, nothing is there, or it is too large.</exception>
    /// <exception cref="IOException">The store doesn't answer.</exception>
    public Task<ReadOnlyMemory<byte>> ReadUploadedAsync(string batchId, string path, int maxBytes, CancellationToken cancellationToken)
    {
        if (ImageFolder.MayLeave(path))
            throw Refuse(path, "isn't inside the folder of the input; write it relative to that folder, with '/', without '..'");
        return ReadAsync(
            store, BatchPaths.Image(batchId, path), path, "wasn't uploaded with the batch; check its name, and submit with dray submit",
            maxBytes, cancellationToken);
    }

    /// <summary>Reads the picture of a <c>blob:</c> URL.</summary>
    /// <exception cref="RequestRejectedException">Its container isn't allowed, nothing is there, or it is too large.</exception>
    /// <exception cref="IOException">The store doesn't answer.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadFromContainerAsync(string url, int maxBytes, CancellationToken cancellationToken)
    {
        const string Slashes = "://";
        var start = url.IndexOf(':', StringComparison.Ordinal);
        var rest = url.AsSpan(start).StartsWith(Slashes, StringComparison.Ordinal) ? url[(start + Slashes.Length)..] : "";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || !BlobPath.IsValid(rest[(slash + 1)..])) throw Refuse(url, "names no blob; write blob://container/name");
        var container = rest[..slash];
        if (!containers.Contains(container, StringComparer.Ordinal))
            throw Refuse(url, "is in a container that isn't on this worker's image_containers; have it added, or send a data: URL");
        if (store is not IBlobAccount account)
            throw Refuse(url, "is in a blob container, but this worker's store is a folder; send a data: URL");

        var (other, what) = (account.OpenContainer(container), "isn't there; check its name");
        try
        {
            return await ReadAsync(other, rest[(slash + 1)..], url, what, maxBytes, cancellationToken);
        }
        catch (IOException e) when (e.InnerException is RequestFailedException { Status: 401 or 403 or 404 })
        {
            // The store is well; this container is what's wrong.
            throw NotFound(url, $"can't be read; have the worker's identity allowed to, or check the container's name. {e.Message}", e);
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        IBlobStore store, string path, string url, string missing, int maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await store.OpenReadAsync(path, cancellationToken: cancellationToken);
            return await ImageContent.ReadAsync(stream, null, maxBytes, url, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotFound(url, missing + ".", e);
        }
    }

    private static RequestRejectedException NotFound(string url, string why, Exception e) =>
        new(RequestErrorCodes.ImageNotFound, $"The picture '{ImageResolver.Quote(url)}' {why}", "messages", e);

    private static RequestRejectedException Refuse(string url, string why) =>
        new(RequestErrorCodes.InvalidRequest, $"The picture '{ImageResolver.Quote(url)}' {why}.", "messages");
}
