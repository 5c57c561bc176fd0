using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dray.Quantization.Export;

/// <summary>
/// Writes safetensors files as the format's own library does: tensors in the order of their element types, the most strictly aligned first, then of
/// their names; header padded with blanks to a multiple of 8 bytes. Tensors are streamed, so that none needs to fit into memory twice.
/// </summary>
internal static class SafetensorsWriter
{
    private const int LengthBytes = 8;
    private const int BufferBytes = 1 << 20;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The order of the library's own enumeration.
    private static readonly string[] TypesByAlignment =
    [
        "BOOL", "F4", "F6_E2M3", "F6_E3M2", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ",
        "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64",
    ];

    /// <summary>Writes a file and has it on the disk when this returns.</summary>
    /// <param name="path">The file; one that is there already is replaced.</param>
    /// <param name="tensors">Its tensors, in any order.</param>
    /// <param name="cancellationToken">Stops between two tensors.</param>
    public static void Write(string path, IEnumerable<TensorOutput> tensors, CancellationToken cancellationToken)
    {
        TensorOutput[] ordered =
            [.. tensors.OrderByDescending(tensor => Array.IndexOf(TypesByAlignment, tensor.TypeName)).ThenBy(tensor => tensor.Name, StringComparer.Ordinal)];
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        stream.Write(Header(ordered));
        foreach (var tensor in ordered)
        {
            cancellationToken.ThrowIfCancellationRequested();
            tensor.Write(stream);
        }

        stream.Flush(flushToDisk: true);
    }

    private static byte[] Header(IReadOnlyList<TensorOutput> tensors)
    {
        using var json = new MemoryStream();
        json.Write(stackalloc byte[LengthBytes]);
        using (var writer = new Utf8JsonWriter(json, Compact))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("__metadata__");
            writer.WriteString("format", "pt");
            writer.WriteEndObject();
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", tensor.TypeName);
                WriteNumbers(writer, "shape", tensor.Shape);
                WriteNumbers(writer, "data_offsets", [offset, offset + tensor.Length]);
                writer.WriteEndObject();
                offset += tensor.Length;
            }

            writer.WriteEndObject();
        }

        while (json.Length % LengthBytes != 0) json.WriteByte((byte)' ');
        var header = json.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - LengthBytes);
        return header;
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IReadOnlyList<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers) writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
