using System.Buffers.Binary;

namespace Dray.Inference.Vision;

/// <summary>
/// Tells whether a JPEG file reaches its end-of-image marker. Decoders show a progressive file that was cut short as a blurred picture
/// without a word; a document is not to be captioned from that.
/// </summary>
internal static class JpegEnd
{
    private const byte Prefix = 0xFF;
    private const byte Stuffing = 0x00;
    private const byte Temporary = 0x01;
    private const byte FirstRestart = 0xD0;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;

    /// <summary>Walks the segments and scans of <paramref name="file"/> (ITU-T T.81, B.1.1) up to the end-of-image marker.</summary>
    public static bool IsReached(ReadOnlySpan<byte> file)
    {
        while (NextMarker(ref file) is { } marker)
        {
            if (marker == EndOfImage) return true;
            // Bytes without a length of their own: restart markers are part of scans, stuffing and the rest stand alone.
            if (marker is Stuffing or Temporary or (>= FirstRestart and <= StartOfImage)) continue;
            if (file.Length < sizeof(ushort)) return false;
            var length = BinaryPrimitives.ReadUInt16BigEndian(file);
            if (length > file.Length) return false;
            file = file[length..];
        }

        return false;
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
