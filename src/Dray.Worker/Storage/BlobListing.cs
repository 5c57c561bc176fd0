namespace Dray.Worker.Storage;

/// <summary>Lists of blobs from their beginning.</summary>
internal static class BlobListing
{
    /// <summary>All paths that begin with <paramref name="prefix"/>, a folder with its final <c>/</c>, in ordinal order.</summary>
    public static IAsyncEnumerable<string> ListAsync(this IBlobStore store, string prefix, CancellationToken cancellationToken = default) =>
        store.ListAsync(prefix, after: null, cancellationToken);
}
