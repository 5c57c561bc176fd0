using System.Runtime.CompilerServices;
using Dray.Worker.Images;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>Pictures in a folder of a store.</summary>
/// <param name="store">The store.</param>
/// <param name="prefix">The folder with its final <c>/</c>; empty for all of it.</param>
internal sealed class StorePictures(IBlobStore store, string prefix) : IPictureSource
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in store.ListEntriesAsync(prefix, cancellationToken)) yield return entry with { Path = entry.Path[prefix.Length..] };
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await store.OpenReadAsync(prefix + path, cancellationToken: cancellationToken);
            return await ImageContent.ReadAsync(stream, null, maxBytes, path, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
