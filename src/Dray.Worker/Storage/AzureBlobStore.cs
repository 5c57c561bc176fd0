using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Dray.Worker.Storage;

/// <summary>
/// A store in a blob container of Azure or Azurite, or under one prefix of it: nothing outside the prefix can be named. The client
/// given must retry by itself (<see cref="AzureBlobRetries"/>); when it gives up, an <see cref="IOException"/> says why.
/// </summary>
/// <param name="container">The container.</param>
/// <param name="prefix">A folder of the container, with or without its final <c>/</c>; empty for all of it.</param>
internal sealed class AzureBlobStore(BlobContainerClient container, string prefix = "") : IBlobStore, IBlobAccount
{
    private const int MostWriterRuns = 5;
    private const int MostAppendTries = 5;
    private static readonly BlobRequestConditions NoneThere = new() { IfNoneMatch = ETag.All };
    private readonly string _prefix = prefix.Length == 0 ? "" : BlobPath.Check(prefix.TrimEnd('/')) + '/';

    /// <inheritdoc/>
    public async Task<Stream> OpenReadAsync(
        string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0);
        var blob = container.GetBlobClient(Locate(path));
        try
        {
            if (length == 0)
            {
                await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
                return Stream.Null;
            }

            var options = new BlobDownloadOptions { Range = offset == 0 && length is null ? default : new HttpRange(offset, length) };
            var download = await blob.DownloadStreamingAsync(options, cancellationToken);
            return new AzureBlobReader(download.Value.Content, e => CannotRead(path, e));
        }
        catch (RequestFailedException e) when (e.Status == 416)
        {
            return Stream.Null;
        }
        catch (RequestFailedException e) when (AzureBlobFailure.IsNotFound(e))
        {
            throw new FileNotFoundException($"There is no blob '{path}' in {Place}.", path, e);
        }
        catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken))
        {
            throw CannotRead(path, e);
        }
    }

    /// <inheritdoc/>
    public async Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default)
    {
        var blob = container.GetBlobClient(Locate(path));
        try
        {
            using var download = (await blob.DownloadStreamingAsync(cancellationToken: cancellationToken)).Value;
            var bytes = new byte[BlobContent.CheckLength(path, download.Details.ContentLength)];
            await download.Content.ReadExactlyAsync(bytes, cancellationToken);
            return new BlobContent(bytes, download.Details.ETag.ToString("H"));
        }
        catch (RequestFailedException e) when (AzureBlobFailure.IsNotFound(e))
        {
            return null;
        }
        catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken))
        {
            throw CannotRead(path, e);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryCreateAsync(
        string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default)
    {
        for (var run = 0; run < MostWriterRuns; run++)
        {
            // Blocks that a dead writer left uncommitted are no blob, but may stand in the way of one that goes up in one request.
            using var writer = OpenWriter(path, staged: run > 0);
            await write(writer, cancellationToken);
            if (await writer.TryCommitAsync(NoneThere, cancellationToken)) return true;
            if (await TryGetPropertiesAsync(path, cancellationToken) is { } existing) return writer.Wrote(existing);
        }

        throw Contended(path);
    }

    /// <inheritdoc/>
    public async Task<bool> TryReplaceAsync(
        string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default)
    {
        BlobContent.CheckLength(path, content.Length);
        using var writer = OpenWriter(path);
        await writer.WriteAsync(content, cancellationToken);
        if (await writer.TryCommitAsync(new BlobRequestConditions { IfMatch = new ETag(ifMatch) }, cancellationToken)) return true;
        return await TryGetPropertiesAsync(path, cancellationToken) is { } existing && writer.Wrote(existing);
    }

    /// <inheritdoc/>
    public async Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default)
    {
        for (var run = 0; run < MostWriterRuns; run++)
        {
            using var writer = OpenWriter(path);
            await write(writer, cancellationToken);
            if (await writer.TryCommitAsync(null, cancellationToken)) return;
        }

        throw Contended(path);
    }

    /// <inheritdoc/>
    public async Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var blob = container.GetAppendBlobClient(Locate(path));
        if (content.Length > blob.AppendBlobMaxAppendBlockBytes)
            throw new ArgumentException($"{content.Length} bytes can't be appended at once; the most is {blob.AppendBlobMaxAppendBlockBytes}.", nameof(content));
        try
        {
            for (var attempt = 0; attempt < MostAppendTries; attempt++)
            {
                if (await TryAppendAsync(blob, content, cancellationToken)) return;
                await blob.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            }
        }
        catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken))
        {
            throw CannotWrite(path, e);
        }

        throw Contended(path);
    }

    /// <inheritdoc/>
    public async Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            // Any answer tells the time, that there is no such blob too.
            using var answer = (await container.GetBlobClient(Locate("clock")).ExistsAsync(cancellationToken)).GetRawResponse();
            return answer.Headers.Date ?? throw new IOException($"The answer of {Place} doesn't say what time it is; try again.");
        }
        catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken) && e is not IOException)
        {
            throw AzureBlobFailure.Describe(e, "What time it is can't be read", container.Uri);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default) =>
        await TryGetPropertiesAsync(path, cancellationToken) is not null;

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(
        string prefix, string? after, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var options = new GetBlobsOptions { Prefix = Locate(prefix.TrimEnd('/')) + '/', StartFrom = after is null ? null : Locate(after) };
        await foreach (var blob in DescribedAsync(container.GetBlobsAsync(options, cancellationToken), prefix, cancellationToken))
        {
            // A name that no path of ours can be was put there by somebody else; nobody here could read it. A server may begin with the name
            // it was given, or know nothing of beginning elsewhere.
            var path = blob.Name[_prefix.Length..];
            if (BlobPath.IsValid(path) && string.CompareOrdinal(path, after) > 0) yield return path;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobEntry> ListEntriesAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var options = new GetBlobsOptions { Prefix = prefix.Length == 0 ? _prefix : Locate(prefix.TrimEnd('/')) + '/' };
        await foreach (var blob in DescribedAsync(container.GetBlobsAsync(options, cancellationToken), prefix, cancellationToken))
        {
            var path = blob.Name[_prefix.Length..];
            if (BlobPath.IsValid(path)) yield return new BlobEntry(path, blob.Properties.ContentLength ?? 0, blob.Properties.ETag?.ToString("H") ?? "");
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListFoldersAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = Locate(prefix.TrimEnd('/')) + '/';
        var options = new GetBlobsByHierarchyOptions { Prefix = folder, Delimiter = "/" };
        await foreach (var item in DescribedAsync(container.GetBlobsByHierarchyAsync(options, cancellationToken), prefix, cancellationToken))
        {
            if (!item.IsPrefix) continue;
            var name = item.Prefix[folder.Length..^1];
            if (BlobPath.IsValid(name)) yield return name;
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        var blob = container.GetBlobClient(Locate(path));
        try
        {
            await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken))
        {
            throw AzureBlobFailure.Describe(e, $"The blob '{path}' can't be deleted", container.Uri);
        }
    }

    /// <inheritdoc/>
    public IBlobStore OpenContainer(string name) =>
        new AzureBlobStore(container.GetParentBlobServiceClient().GetBlobContainerClient(name));

    private static async Task<bool> TryAppendAsync(AppendBlobClient blob, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = BinaryData.FromBytes(content).ToStream();
            await blob.AppendBlockAsync(stream, cancellationToken: cancellationToken);
            return true;
        }
        catch (RequestFailedException e) when (AzureBlobFailure.IsNotFound(e))
        {
            return false;
        }
    }

    private async IAsyncEnumerable<T> DescribedAsync<T>(
        AsyncPageable<T> items, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : notnull
    {
        await using var found = items.GetAsyncEnumerator(cancellationToken);
        while (await NextAsync()) yield return found.Current;

        async ValueTask<bool> NextAsync()
        {
            try
            {
                return await found.MoveNextAsync();
            }
            catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken))
            {
                throw AzureBlobFailure.Describe(e, $"The blobs under '{prefix}' can't be listed", container.Uri);
            }
        }
    }

    private async Task<BlobProperties?> TryGetPropertiesAsync(string path, CancellationToken cancellationToken)
    {
        var blob = container.GetBlobClient(Locate(path));
        try
        {
            return await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (AzureBlobFailure.IsNotFound(e))
        {
            return null;
        }
        catch (Exception e) when (AzureBlobFailure.IsFailure(e, cancellationToken))
        {
            throw CannotRead(path, e);
        }
    }

    private string Place => $"the container '{container.Name}'";

    private AzureBlobWriter OpenWriter(string path, bool staged = false) =>
        new(container.GetBlockBlobClient(Locate(path)), staged, e => CannotWrite(path, e));

    private IOException CannotRead(string path, Exception e) =>
        AzureBlobFailure.Describe(e, $"The blob '{path}' can't be read", container.Uri);

    private IOException CannotWrite(string path, Exception e) =>
        AzureBlobFailure.Describe(e, $"The blob '{path}' can't be written", container.Uri);

    private IOException Contended(string path) =>
        new($"The blob '{path}' in {Place} was written or deleted by others {MostWriterRuns} times in a row; let one writer at a time write it.");

    private string Locate(string path) => _prefix + BlobPath.Check(path);
}
