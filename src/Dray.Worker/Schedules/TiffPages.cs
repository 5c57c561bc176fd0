using Dray.Inference;
using Dray.Inference.Vision;

namespace Dray.Worker.Schedules;

/// <summary>Renders the pages of TIFF files to the pictures that rows show. A page that can't be read fails by itself.</summary>
internal sealed class TiffPages(WorkerSettings settings, TimeProvider time)
{
    /// <summary>The longest that a file's pages may take; those that are left then fail.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(10);

    // A page may take a dozen bytes a pixel while it is decoded: one at a time in the process.
    private static readonly SemaphoreSlim Turn = new(1);

    private readonly ImageOptions _options = new() { MaxBytes = settings.MaxImageBytes, MaxPixels = settings.MaxImagePixels };

    /// <summary>Renders the pages of a file.</summary>
    /// <param name="content">The file.</param>
    /// <param name="upload">Takes a page, a PNG file, and gives its name.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="RequestRejectedException">The file can't be read at all.</exception>
    public async Task<IReadOnlyList<PlannedPage>> RenderAsync(
        ReadOnlyMemory<byte> content, Func<ReadOnlyMemory<byte>, Task<string>> upload, CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try
        {
            using var deadline = new CancellationTokenSource(MaxTime, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var document = TiffDocument.Open(content.Span, _options);
            var pages = new List<PlannedPage>();
            for (var page = 1; page <= document.Pages; page++) pages.Add(await RenderAsync(document, page, upload, either.Token, cancellationToken));
            return pages;
        }
        finally
        {
            Turn.Release();
        }
    }

    private static async Task<PlannedPage> RenderAsync(
        TiffDocument document, int page, Func<ReadOnlyMemory<byte>, Task<string>> upload, CancellationToken either, CancellationToken cancellationToken)
    {
        byte[] picture;
        try
        {
            picture = await Task.Run(() => document.Render(page, either), either);
        }
        catch (RequestRejectedException e)
        {
            return new PlannedPage(null, new CaptionError(e.Code, e.Message));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PlannedPage(null, new CaptionError(
                RequestErrorCodes.ContentTooLarge,
                $"Page {page} of the TIFF comes after {MaxTime.TotalMinutes:N0} minutes of reading the file; split it into smaller files."));
        }

        return new PlannedPage(await upload(picture));
    }
}
