namespace Dray.Inference.Vision;

/// <summary>
/// How a page of a TIFF file is stored, once it is known that decoding it takes no more memory and time than the limits allow.
/// </summary>
/// <param name="Width">Pixels per stored row.</param>
/// <param name="Height">Stored rows.</param>
/// <param name="Orientation">How the page is turned: 1 to 8, as in EXIF.</param>
/// <param name="HasAlpha">Whether pixels may be transparent.</param>
internal sealed record TiffLayout(int Width, int Height, int Orientation, bool HasAlpha)
{
    private const int MaxSide = ushort.MaxValue;
    private const int MaxSamples = 5;
    private const uint WholeImage = uint.MaxValue;
    private const uint Jpeg = 7;
    private const uint Separate = 2;

    // A baseline JPEG has one for each component at most; a small file of very many takes the library minutes.
    private const int MaxScans = 4;

    // None, the four of fax machines, LZW, JPEG, Deflate by both its numbers, PackBits. The old kind of JPEG, 6, was never well defined.
    private static readonly uint[] Compressions = [1, 2, 3, 4, 5, Jpeg, 8, 32773, 32946];

    /// <summary>Reads and checks a page's layout.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message goes on after "Page 1 of the TIFF".</exception>
    /// <exception cref="RequestRejectedException"><c>content_too_large</c>: it has more pixels than the options allow.</exception>
    public static TiffLayout Of(TiffDirectory directory, TiffBytes file, ImageOptions options, int page)
    {
        var (width, height) = (directory.Number(TiffTag.ImageWidth), directory.Number(TiffTag.ImageLength));
        var isTiled = directory.Has(TiffTag.TileWidth) || directory.Has(TiffTag.TileLength);
        var partWidth = isTiled ? directory.Number(TiffTag.TileWidth) : width;
        var partHeight = isTiled ? directory.Number(TiffTag.TileLength) : directory.Number(TiffTag.RowsPerStrip, WholeImage);
        if (!isTiled && partHeight == WholeImage) partHeight = height;
        if (Math.Min(Math.Min(width, height), Math.Min(partWidth, partHeight)) == 0 || partHeight > int.MaxValue)
            throw new InvalidDataException($"is {width} x {height} pixels in parts of {partWidth} x {partHeight}");
        var (across, down) = (Parts(width, partWidth), Parts(height, partHeight));
        var pixels = isTiled ? (decimal)across * partWidth * down * partHeight : (decimal)width * height;
        if (pixels > options.MaxPixels || width > MaxSide || height > MaxSide)
        {
            throw new RequestRejectedException(
                RequestErrorCodes.ContentTooLarge,
                $"Page {page} of the TIFF is {width} x {height} pixels, {pixels:N0} in all, more than the {options.MaxPixels:N0} and {MaxSide:N0} "
                + "a side allowed; scale it down.");
        }

        CheckSamples(directory);
        var planes = directory.Number(TiffTag.PlanarConfiguration, 1u) == Separate ? directory.Number(TiffTag.SamplesPerPixel, 1u) : 1;
        CheckParts(directory, file, isTiled, (long)across * down * planes);
        var hasAlpha = directory.Has(TiffTag.ExtraSamples) && directory.Number(TiffTag.ExtraSamples, 0) is 1 or 2;
        return new TiffLayout((int)width, (int)height, (int)directory.Number(TiffTag.Orientation, 1u), hasAlpha);
    }

    private static uint Parts(uint side, uint part) => (uint)(((long)side + part - 1) / part);

    private static void CheckSamples(TiffDirectory directory)
    {
        var samples = directory.Number(TiffTag.SamplesPerPixel, 1u);
        if (samples is < 1 or > MaxSamples) throw new InvalidDataException($"has {samples} samples a pixel; 1 to {MaxSamples} are read");
        for (var i = 0; i < directory.CountOf(TiffTag.BitsPerSample); i++)
        {
            if (directory.Number(TiffTag.BitsPerSample, i) is not (1 or 2 or 4 or 8 or 16) and var bits)
                throw new InvalidDataException($"has samples of {bits} bits; 1, 2, 4, 8 and 16 are read");
        }

        for (var i = 0; i < directory.CountOf(TiffTag.YCbCrSubsampling); i++)
        {
            if (directory.Number(TiffTag.YCbCrSubsampling, i) is not (1 or 2 or 4) and var times)
                throw new InvalidDataException($"has colour at 1/{times} of its pixels; 1/1, 1/2 and 1/4 are read");
        }

        var compression = directory.Number(TiffTag.Compression, 1u);
        if (!Compressions.Contains(compression)) throw new InvalidDataException($"is compressed in a way ({compression}) that isn't read");
        if (directory.Number(TiffTag.ImageDepth, 1u) != 1 || directory.Number(TiffTag.TileDepth, 1u) != 1)
            throw new InvalidDataException("has a depth");

        // The library shows such a page all black.
        if (samples == 2 && directory.Has(TiffTag.ExtraSamples) && directory.Number(TiffTag.ExtraSamples, 0) == 1)
            throw new InvalidDataException("is grey with transparency, which isn't read");
    }

    private static void CheckParts(TiffDirectory directory, TiffBytes file, bool isTiled, long parts)
    {
        var (offsets, counts) = isTiled ? (TiffTag.TileOffsets, TiffTag.TileByteCounts) : (TiffTag.StripOffsets, TiffTag.StripByteCounts);
        if (directory.Has(isTiled ? TiffTag.StripOffsets : TiffTag.TileOffsets))
            throw new InvalidDataException("is stored both in strips and in tiles");
        if (directory.CountOf(offsets) < parts || directory.CountOf(counts) < parts)
            throw new InvalidDataException($"has fewer parts than the {parts} that its size takes");
        var isJpeg = directory.Number(TiffTag.Compression, 1u) == Jpeg;
        for (var part = 0; part < parts; part++)
        {
            var (at, bytes) = (directory.Number(offsets, part), directory.Number(counts, part));
            if (at + (long)bytes > file.File.Length) throw new InvalidDataException("is cut off");
            if (isJpeg && JpegScans.Count(file.File.AsSpan((int)at, (int)bytes)) is not (>= 1 and <= MaxScans))
                throw new InvalidDataException("has a JPEG part that ends early or has more than its few scans");
        }
    }
}
