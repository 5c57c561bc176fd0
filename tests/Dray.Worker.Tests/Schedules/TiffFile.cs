using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;

namespace Dray.Worker.Tests.Schedules;

/// <summary>Writes TIFF files whose pages are 32 x 16 pixels, the left half of one colour and the right half of another.</summary>
internal static class TiffFile
{
    public const int Width = 32;
    public const int Height = 16;

    private const int NextAt = 2;
    private const int EntryBytes = 12;

    /// <summary>A file with a directory for each page.</summary>
    public static byte[] Of(params Action<Tiff>[] pages)
    {
        using var stream = new MemoryStream();
        using (var tiff = Tiff.ClientOpen("test", "w", stream, new KeptOpen()))
        {
            foreach (var page in pages)
            {
                page(tiff);
                tiff.WriteDirectory().ShouldBeTrue();
            }
        }

        return stream.ToArray();
    }

    /// <summary>A page in strips of four rows.</summary>
    public static Action<Tiff> Page(
        Compression compression, Photometric photometric, int bits, byte[] left, byte[] right, Action<Tiff>? more = null) => tiff =>
    {
        tiff.SetField(TiffTag.IMAGEWIDTH, Width);
        tiff.SetField(TiffTag.IMAGELENGTH, Height);
        tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
        tiff.SetField(TiffTag.SAMPLESPERPIXEL, left.Length * 8 / Math.Max(bits, 8));
        tiff.SetField(TiffTag.COMPRESSION, compression);
        tiff.SetField(TiffTag.PHOTOMETRIC, photometric);
        tiff.SetField(TiffTag.PLANARCONFIG, PlanarConfig.CONTIG);
        tiff.SetField(TiffTag.ROWSPERSTRIP, compression == Compression.JPEG ? Height : 4);
        more?.Invoke(tiff);
        byte[] row = bits == 1
            ? [.. Enumerable.Range(0, Width / 8).Select(i => i < Width / 16 ? left[0] : right[0])]
            : [.. Enumerable.Range(0, Width).SelectMany(x => x < Width / 2 ? left : right)];
        if (tiff.IsTiled())
        {
            byte[] Tile(byte[] pixel) => [.. Enumerable.Repeat(pixel, 16 * 16).SelectMany(bytes => bytes)];
            tiff.WriteTile(Tile(left), 0, 0, 0, 0).ShouldBePositive();
            tiff.WriteTile(Tile(right), 16, 0, 0, 0).ShouldBePositive();
            return;
        }

        // The library changes what it is given.
        for (var y = 0; y < Height; y++) tiff.WriteScanline((byte[])row.Clone(), y).ShouldBeTrue();
    };

    /// <summary>A page as fax machines write it: black on the left.</summary>
    public static Action<Tiff> Fax() => Page(Compression.CCITTFAX4, Photometric.MINISWHITE, 1, [0xFF], [0]);

    /// <summary>A page as scanners write it.</summary>
    public static Action<Tiff> Colour(byte red = 200) =>
        Page(Compression.LZW, Photometric.RGB, 8, [red, 10, 20], [30, 40, 50], tiff => tiff.SetField(TiffTag.PREDICTOR, Predictor.HORIZONTAL));

    /// <summary>Where the file says where the directory of <paramref name="page"/>, from 1, is; after the last, where it says that there is none.</summary>
    public static int LinkTo(byte[] file, int page)
    {
        var at = 4;
        for (var i = 1; i < page; i++)
        {
            var directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
            at = directory + NextAt + (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory)) * EntryBytes);
        }

        return at;
    }

    /// <summary>The file with another value for a field of a page.</summary>
    public static byte[] With(byte[] file, int page, TiffTag tag, int value)
    {
        var changed = (byte[])file.Clone();
        var at = ValueOf(file, page, tag);
        BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), value);
        if (value is < 0 or > ushort.MaxValue) BinaryPrimitives.WriteInt16LittleEndian(changed.AsSpan(at - 6), (short)TiffType.LONG);
        return changed;
    }

    /// <summary>Where the value of a field of a page is.</summary>
    public static int ValueOf(byte[] file, int page, TiffTag tag)
    {
        var entry = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(LinkTo(file, page))) + NextAt;
        while (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(entry)) != (ushort)tag) entry += EntryBytes;
        return entry + 8;
    }

    private sealed class KeptOpen : TiffStream
    {
        public override void Close(object clientData)
        {
            // Its bytes are still to be taken.
        }
    }
}
