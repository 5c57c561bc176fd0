using System.Buffers.Binary;

namespace Dray.Inference.Vision;

/// <summary>
/// Walks a JPEG file's markers before it is decoded. Decoders show a progressive file that was cut short as a blurred picture without a
/// word, and a document is not to be captioned from that; and a small file of very many scans takes them minutes.
/// </summary>
internal static class JpegScans
{
    private const byte Prefix = 0xFF;
    private const byte Stuffing = 0x00;
    private const byte Temporary = 0x01;
    private const byte FirstRestart = 0xD0;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;

    /// <summary>The scans of <paramref name="file"/> (ITU-T T.81, B.1.1) up to its end-of-image marker; null if it ends before that.</summary>
    public static int? Count(ReadOnlySpan<byte> file)
    {
        var scans = 0;
        while (NextMarker(ref file) is { } marker)
        {
            if (marker == EndOfImage) return scans;
            if (marker == StartOfScan) scans++;
            // Bytes without a length of their own: restart markers are part of scans, stuffing and the rest stand alone.
            if (marker is Stuffing or Temporary or (>= FirstRestart and <= StartOfImage)) continue;
            if (file.Length < sizeof(ushort)) return null;
            var length = BinaryPrimitives.ReadUInt16BigEndian(file);
            if (length > file.Length) return null;
            file = file[length..];
        }

        return null;
    }

    private static byte? NextMarker(ref ReadOnlySpan<byte> file)
    {
        var at = file.IndexOf(Prefix);
        if (at < 0) return null;
        var after = file[at..].IndexOfAnyExcept(Prefix);
        if (after < 0) return null;
        var marker = file[at + after];
        file = file[(at + after + 1)..];
        return marker;
    }
}
