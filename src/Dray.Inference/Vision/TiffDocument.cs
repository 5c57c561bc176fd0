using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using SkiaSharp;

namespace Dray.Inference.Vision;

/// <summary>
/// The pages of a TIFF file, each of which can be rendered to a PNG picture: upright, 8 bits a sample, transparency over white. Decoding takes
/// at most 20 bytes a pixel. Not thread-safe.
/// </summary>
public sealed class TiffDocument
{
    /// <summary>The most pages of a file.</summary>
    public const int MaxPages = 256;

    private const int Quality = 100;
    private const int White = 255;

    private readonly TiffBytes _file;
    private readonly ImageOptions _options;
    private readonly IReadOnlyList<(uint Offset, string? Problem)> _pages;

    // The library's only place for them is one for all files.
    static TiffDocument() => Tiff.SetErrorHandler(new TiffErrors());

    private TiffDocument(TiffBytes file, ImageOptions options, IReadOnlyList<(uint Offset, string? Problem)> pages) =>
        (_file, _options, _pages) = (file, options, pages);

    /// <summary>Gets how many pages there are; smaller copies of pages and masks aren't counted.</summary>
    public int Pages => _pages.Count;

    /// <summary>Whether a file begins as a TIFF does.</summary>
    public static bool IsTiff(ReadOnlySpan<byte> encoded) => TiffBytes.IsTiff(encoded);

    /// <summary>Finds the pages of a file; nothing is decoded.</summary>
    /// <param name="encoded">The file, of which a copy is kept.</param>
    /// <param name="options">Limits, which hold for each page too; null for the defaults.</param>
    /// <exception cref="RequestRejectedException">
    /// <c>image_invalid</c>: not a TIFF that is read; <c>content_too_large</c>: more bytes or pages than are allowed.
    /// </exception>
    public static TiffDocument Open(ReadOnlySpan<byte> encoded, ImageOptions? options = null)
    {
        options ??= new ImageOptions();
        if (encoded.Length > options.MaxBytes) throw TooLarge($"The TIFF has {encoded.Length:N0} bytes, more than the {options.MaxBytes:N0} allowed; split it.");
        var file = new TiffBytes(encoded);
        try
        {
            var pages = TiffDirectory.Chain(file, MaxPages);
            return pages.Count > 0
                ? new TiffDocument(file, options, pages)
                : throw new RequestRejectedException(RequestErrorCodes.ImageInvalid, "The TIFF has no pages; send the whole file.");
        }
        catch (InvalidDataException e)
        {
            throw TooLarge(e.Message);
        }
    }

    /// <summary>Renders a page to a PNG file.</summary>
    /// <param name="page">The page, from 1.</param>
    /// <param name="cancellationToken">Stops between the parts that the page is stored in.</param>
    /// <exception cref="RequestRejectedException">
    /// <c>image_invalid</c>: the page is damaged or of a kind that isn't read; <c>content_too_large</c>: it has more pixels, or its picture
    /// more bytes, than are allowed.
    /// </exception>
    public byte[] Render(int page, CancellationToken cancellationToken = default)
    {
        var (offset, problem) = _pages[page - 1];
        try
        {
            if (problem is not null) throw new InvalidDataException(problem);
            var layout = TiffLayout.Of(new TiffDirectory(_file, offset), _file, _options, page);
            var picture = Encode(Decode(layout, offset, cancellationToken), layout);
            return picture.Length <= _options.MaxBytes ? picture : throw TooLarge(
                $"Page {page} of the TIFF has {picture.Length:N0} bytes as a PNG picture, more than the {_options.MaxBytes:N0} allowed; scale it down.");
        }
        catch (InvalidDataException e)
        {
            throw Unreadable(page, e.Message, e);
        }
        catch (Exception e) when (e is not (RequestRejectedException or OperationCanceledException))
        {
            // For hostile bytes the library throws whatever comes.
            throw Unreadable(page, "is damaged", e);
        }
    }

    private int[] Decode(TiffLayout layout, uint offset, CancellationToken cancellationToken)
    {
        // The library reads the first directory as it opens a file: the one that is wanted is made the first.
        _file.First = offset;
        using var source = new TiffSource(_file.File);
        using var tiff = Tiff.ClientOpen("page", "r", source, new TiffStream()) ?? throw new InvalidDataException("is damaged");
        var image = TiffRgbaImage.Create(tiff, stopOnError: true, out var reason)
            ?? throw new InvalidDataException($"is of a kind that isn't read ({reason})");
        if ((image.Width, image.Height) != (layout.Width, layout.Height)) throw new InvalidDataException("is damaged");
        image.ReqOrientation = image.Orientation;
        if (image.PutContig is { } putContig)
        {
            image.PutContig = (of, raster, to, shift, x, y, width, height, buffer, at, skip) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                putContig(of, raster, to, shift, x, y, width, height, buffer, at, skip);
            };
        }

        if (image.PutSeparate is { } putSeparate)
        {
            image.PutSeparate = (of, raster, to, shift, x, y, width, height, buffer, at1, at2, at3, at4, skip) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                putSeparate(of, raster, to, shift, x, y, width, height, buffer, at1, at2, at3, at4, skip);
            };
        }

        var pixels = new int[layout.Width * layout.Height];
        return image.GetRaster(pixels, 0, layout.Width, layout.Height) && !source.IsDamaged
            ? pixels
            : throw new InvalidDataException("is damaged or cut short");
    }

    private static byte[] Encode(int[] stored, TiffLayout layout)
    {
        var walk = UprightWalk.Of((SKEncodedOrigin)layout.Orientation, layout.Width, layout.Height);
        var upright = layout.Orientation == (int)SKEncodedOrigin.TopLeft && !layout.HasAlpha ? stored : new int[stored.Length];
        var isGrey = true;
        for (int y = 0, at = 0; y < layout.Height; y++)
        {
            for (int x = 0, to = walk.Start + (y * walk.Down); x < layout.Width; x++, at++, to += walk.Right)
            {
                var pixel = layout.HasAlpha ? OverWhite(stored[at]) : stored[at];
                isGrey &= Tiff.GetR(pixel) == Tiff.GetG(pixel) && Tiff.GetG(pixel) == Tiff.GetB(pixel);
                upright[to] = pixel;
            }
        }

        var (width, height) = walk.IsTurned ? (layout.Height, layout.Width) : (layout.Width, layout.Height);
        using var image = isGrey
            ? SKImage.FromPixelCopy(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque), Array.ConvertAll(upright, pixel => (byte)pixel))
            : SKImage.FromPixelCopy(
                new SKImageInfo(width, height, SKColorType.Rgb888x, SKAlphaType.Opaque), MemoryMarshal.AsBytes(upright.AsSpan()), width * sizeof(int));
        using var encoded = image.Encode(SKEncodedImageFormat.Png, Quality);
        return encoded.ToArray();
    }

    // The library has multiplied the colours by their opacity.
    private static int OverWhite(int pixel)
    {
        var light = White - Tiff.GetA(pixel);
        return Over(Tiff.GetR(pixel)) | (Over(Tiff.GetG(pixel)) << 8) | (Over(Tiff.GetB(pixel)) << 16) | (White << 24);

        int Over(int colour) => Math.Min(White, colour + light);
    }

    private static RequestRejectedException TooLarge(string message) => new(RequestErrorCodes.ContentTooLarge, message);

    private static RequestRejectedException Unreadable(int page, string problem, Exception e) => new(
        RequestErrorCodes.ImageInvalid, $"Page {page} of the TIFF {problem}; scan or save it again.", innerException: e);
}
