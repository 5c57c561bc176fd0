namespace Dray.Worker.Storage;

/// <summary>
/// Where inputs, outputs and the state of batches live: a folder or a blob container. Paths are relative, with <c>/</c>; see
/// <see cref="BatchPaths"/>. A blob that exists is whole: no crash leaves half of one, except at the end of one that is appended to.
/// A server that doesn't answer is waited for; then, as with a disk that fails, an <see cref="IOException"/> says so. Functions that
/// write content may be called again from the start, where another writer came between.
/// </summary>
internal interface IBlobStore
{
    /// <summary>Opens a blob for reading from <paramref name="offset"/>, at most <paramref name="length"/> bytes of it.</summary>
    /// <exception cref="FileNotFoundException">There is no such blob.</exception>
    Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a small document with the etag that <see cref="TryReplaceAsync"/> wants, or null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is larger than <see cref="BlobContent.MaxBytes"/>.</exception>
    Task<BlobContent?> TryReadAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Writes a blob unless there is one already: the first writer wins, whoever else tries.</summary>
    /// <returns>
    /// False where the blob exists. It may be this call's own, written by a try whose reply was lost and changed by others since: who
    /// must know reads it.
    /// </returns>
    Task<bool> TryCreateAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default);

    /// <summary>Replaces a document if it is still the one that <paramref name="ifMatch"/> was read from.</summary>
    /// <returns>
    /// False where the document has changed or is gone. The change may have taken effect all the same, if its reply was lost and others
    /// changed the document since: read it again before the next try.
    /// </returns>
    Task<bool> TryReplaceAsync(string path, ReadOnlyMemory<byte> content, string ifMatch, CancellationToken cancellationToken = default);

    /// <summary>Writes a blob, over one that may be there; a reader sees the old or the new one, never a mixture.</summary>
    Task PutAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds <paramref name="content"/> at the end of a blob, which is created where there is none. Concurrent calls don't mix.
    /// After a reply that was lost the content may be there twice: readers take the first line of each row.
    /// </summary>
    Task AppendAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Whether there is such a blob.</summary>
    Task<bool> ExistsAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>
    /// The paths that begin with <paramref name="prefix"/>, a folder with its final <c>/</c>, and come after <paramref name="after"/> where
    /// that is given, in ordinal order. What is before it, and what isn't asked for any more, costs little.
    /// </summary>
    IAsyncEnumerable<string> ListAsync(string prefix, string? after, CancellationToken cancellationToken = default);

    /// <summary>
    /// The names of the folders right under <paramref name="prefix"/>, a folder with its final <c>/</c>, in ordinal order; what they hold
    /// isn't looked at, and one may hold nothing any more.
    /// </summary>
    IAsyncEnumerable<string> ListFoldersAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>
    /// The blobs below the folder <paramref name="prefix"/>, which is empty or ends with <c>/</c>, with size and version, one at a time and in no
    /// promised order. What is hidden or behind a link, and names that no path here can be, are left out.
    /// </summary>
    IAsyncEnumerable<BlobEntry> ListEntriesAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>
    /// What time it is by the clock of who keeps the blobs: one for all workers, whatever their own say.
    /// </summary>
    Task<DateTimeOffset> ReadClockAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes a blob; one that isn't there is none too many.</summary>
    Task DeleteAsync(string path, CancellationToken cancellationToken = default);
}
