using System.Buffers.Binary;
using System.Text.Json;

namespace Dray.Tests.Checkpoints;

/// <summary>Writes safetensors files tensor by tensor, so that none needs to fit into memory.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Writes the file; the header is padded with blanks so that the data section is aligned to 8 bytes.</summary>
    public static void Write(string path, IReadOnlyList<SafetensorsEntry> entries)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
        stream.Write(Header(entries));
        foreach (var entry in entries)
        {
            var before = stream.Position;
            entry.Write(stream);
            if (stream.Position - before != entry.Bytes)
                throw new InvalidOperationException($"{entry.Name} wrote {stream.Position - before} bytes, its shape has {entry.Bytes}.");
        }
    }

    private static byte[] Header(IReadOnlyList<SafetensorsEntry> entries)
    {
        var header = new Dictionary<string, object>();
        var offset = 0L;
        foreach (var entry in entries)
        {
            header.Add(entry.Name, new { dtype = entry.Type, shape = entry.Shape, data_offsets = new[] { offset, offset + entry.Bytes } });
            offset += entry.Bytes;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + 7) / 8 * 8;
        var bytes = new byte[8 + padded];
        bytes.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(bytes, padded);
        json.CopyTo(bytes, 8);
        return bytes;
    }
}
