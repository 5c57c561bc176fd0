using System.Runtime.CompilerServices;
using Dray.Worker.Images;
using Dray.Worker.Storage;

namespace Dray.Worker.Schedules;

/// <summary>Pictures in a folder of this machine.</summary>
internal sealed class FolderPictures(string folder) : IPictureSource
{
    private readonly ImageFolder _images = new(folder);

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in FolderListing.Of(folder, folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }

        await Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken) =>
        File.Exists(Path.Combine(folder, path)) ? await _images.ReadAsync(path, maxBytes, cancellationToken) : (ReadOnlyMemory<byte>?)null;
}
