using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Dray.Tests;

/// <summary>Writes PNG files chunk by chunk, so that tests can make kinds no encoder writes, and broken ones.</summary>
internal sealed class PngFile
{
    public const byte Grey = 0;
    public const byte Rgb = 2;
    public const byte Rgba = 6;

    private readonly List<byte> _file = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    public PngFile(int width, int height, byte bitDepth, byte colourType)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = bitDepth;
        header[9] = colourType;
        Chunk("IHDR", header);
    }

    public PngFile Chunk(string type, params byte[] content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        _file.AddRange(number);
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. content];
        _file.AddRange(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        _file.AddRange(number);
        return this;
    }

    /// <summary>Adds the pixels (each row after a filter byte) and the end.</summary>
    public byte[] Finish(params byte[][] rows)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var row in rows) zlib.Write([0, .. row]);
        }

        return [.. Chunk("IDAT", packed.ToArray()).Chunk("IEND")._file];
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u * (crc & 1));
        }

        return ~crc;
    }
}
