using Dray.Contracts;
using Dray.Inference;
using Dray.Inference.Vision;
using Dray.Worker.Images;
using Dray.Worker.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace Dray.Worker.Page.Rows;

/// <summary>Small copies of the pictures of rows. One is made at a time: decoding takes memory, and the engine goes first.</summary>
internal sealed class RowPictures : IDisposable
{
    private const long MostCachedBytes = 32 * 1024 * 1024;
    private readonly RowBrowser _browser;
    private readonly StoredImages _stored;
    private readonly WorkerSettings _settings;
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = MostCachedBytes });
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Reads pictures from rows, and from a store.</summary>
    public RowPictures(RowBrowser browser, IBlobStore store, WorkerSettings settings) =>
        (_browser, _stored, _settings) = (browser, new StoredImages(store, settings.ImageContainers), settings);

    /// <summary>Whether pictures whose URLs have this scheme are shown: nothing is fetched from the web to be looked at.</summary>
    public static bool IsShown(string scheme) => scheme is "data" or "" or "blob";

    /// <summary>A picture as a JPEG, or null where the row has none that is shown.</summary>
    /// <param name="state">The batch.</param>
    /// <param name="row">The row's number, from 1.</param>
    /// <param name="picture">Which of its pictures, from 0.</param>
    /// <param name="side">The most pixels that it is wide or high.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="RequestRejectedException">It isn't there, isn't a picture, or is too large.</exception>
    public async Task<byte[]?> ReadAsync(BatchState state, long row, int picture, int side, CancellationToken cancellationToken)
    {
        var key = (state.Batch.Id, state.Batch.CreatedAt, row, picture, side);
        if (_cache.TryGetValue<byte[]>(key, out var cached)) return cached;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (await _browser.PictureAsync(state, row, picture, cancellationToken) is not { } url) return null;
            if (await TryReadAsync(state.Batch.Id, url, cancellationToken) is not { } encoded) return null;
            var small = Thumbnail.Of(encoded, side);
            return _cache.Set(key, small, new MemoryCacheEntryOptions { Size = small.Length });
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _gate.Dispose();
    }

    private async Task<ReadOnlyMemory<byte>?> TryReadAsync(string batchId, string url, CancellationToken cancellationToken) => ImageResolver.SchemeOf(url) switch
    {
        "data" => DataUrl.Decode(url, _settings.MaxImageBytes),
        "" => await _stored.ReadUploadedAsync(batchId, url, _settings.MaxImageBytes, cancellationToken),
        "blob" => await _stored.ReadFromContainerAsync(url, _settings.MaxImageBytes, cancellationToken),
        _ => (ReadOnlyMemory<byte>?)null,
    };
}
