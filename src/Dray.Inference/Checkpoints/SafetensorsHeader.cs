using System.Text.Json;

namespace Dray.Inference.Checkpoints;

/// <summary>
/// The JSON header of a safetensors file: <c>{"name": {"dtype", "shape", "data_offsets": [begin, end]}, ..., "__metadata__": {...}}</c>.
/// Every number in it is checked before anything is read by it.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The longest header that is read, the limit of the format's own library.</summary>
    public const long MaximumBytes = 100_000_000;

    private const int MaximumRank = 8;

    /// <summary>A tensor of the header: offsets count from the start of the data section.</summary>
    public readonly record struct Entry(string Name, string TypeName, long[] Shape, long Begin, long End);

    /// <summary>Reads and checks a header.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes that follow the header.</param>
    public static List<Entry> Parse(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        List<Entry> entries;
        try
        {
            entries = ReadEntries(file, json);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new CheckpointException(
                $"{file}: the header is not valid JSON, the file is damaged: {CheckpointException.Excerpt(exception.Message)}", exception);
        }

        foreach (var entry in entries)
            CheckSize(file, entry, dataLength);
        CheckLayout(file, entries, dataLength);
        return entries;
    }

    private static List<Entry> ReadEntries(string file, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new CheckpointException($"{file}: the header is a JSON {reader.TokenType}, expected an object of tensors.");

        var entries = new List<Entry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!names.Add(name))
                throw new CheckpointException($"{file}: the header names {Quote(name)} twice.");
            reader.Read();
            if (name == "__metadata__")
                SkipMetadata(file, ref reader);
            else
                entries.Add(ReadEntry(file, name, ref reader));
        }

        // Whatever follows the object is refused by the reader; white space, which pads for alignment, is not.
        while (reader.Read())
        {
        }

        return entries;
    }

    private static void SkipMetadata(string file, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new CheckpointException($"{file}: __metadata__ is a JSON {reader.TokenType}, expected an object of strings.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw new CheckpointException($"{file}: a value of __metadata__ is a JSON {reader.TokenType}, expected a string.");
        }
    }

    private static Entry ReadEntry(string file, string name, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new CheckpointException($"{file}: the entry of {Quote(name)} is a JSON {reader.TokenType}, expected an object.");

        string? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String:
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(file, name, key, MaximumRank, ref reader);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(file, name, key, 2, ref reader);
                    break;
                default:
                    throw new CheckpointException(
                        $"{file}: the entry of {Quote(name)} has an unexpected, repeated or malformed key {Quote(key)}; " +
                        "expected dtype, shape and data_offsets once each.");
            }
        }

        if (type is null || shape is null || offsets is not { Length: 2 })
        {
            throw new CheckpointException(
                $"{file}: the entry of {Quote(name)} is incomplete; expected dtype, shape and data_offsets [begin, end].");
        }

        return new Entry(name, type, shape, offsets[0], offsets[1]);
    }

    private static long[] ReadNumbers(string file, string name, string key, int most, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new CheckpointException($"{file}: {key} of {Quote(name)} is a JSON {reader.TokenType}, expected an array of integers.");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
            {
                throw new CheckpointException(
                    $"{file}: {key} of {Quote(name)} holds a value that is not an integer from 0 to {long.MaxValue}.");
            }

            if (numbers.Count == most)
                throw new CheckpointException($"{file}: {key} of {Quote(name)} has more than {most} values.");
            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static void CheckSize(string file, Entry entry, long dataLength)
    {
        var bits = BitsOf(entry.TypeName) ?? throw new CheckpointException(
            $"{file}: tensor {Quote(entry.Name)} has the unknown dtype {Quote(entry.TypeName)}.");
        if (entry.Begin > entry.End || entry.End > dataLength)
        {
            throw new CheckpointException(
                $"{file}: data_offsets [{entry.Begin}, {entry.End}] of tensor {Quote(entry.Name)} are outside the data section of " +
                $"{dataLength} bytes; the file is cut short or damaged.");
        }

        Int128 expected = bits;
        foreach (var dimension in entry.Shape)
        {
            // No product of dimensions that a file can hold comes near 2^63 bits, so a larger one need not be kept exactly.
            expected = dimension == 0 ? 0 : Int128.Min(expected, long.MaxValue) * dimension;
        }

        if (expected != (Int128)(entry.End - entry.Begin) * 8)
        {
            throw new CheckpointException(
                $"{file}: tensor {Quote(entry.Name)} has {entry.End - entry.Begin} bytes, but {entry.TypeName} " +
                $"{Show(entry.Shape)} needs {(expected > long.MaxValue ? "more than 2^60" : ((expected + 7) / 8).ToString())}.");
        }
    }

    private static void CheckLayout(string file, List<Entry> entries, long dataLength)
    {
        var end = 0L;
        string? before = null;
        foreach (var entry in entries.Where(e => e.End > e.Begin).OrderBy(e => e.Begin))
        {
            if (entry.Begin < end)
                throw new CheckpointException($"{file}: tensors {Quote(before!)} and {Quote(entry.Name)} overlap at byte {entry.Begin}.");
            (end, before) = (entry.End, entry.Name);
        }

        if (end != dataLength)
        {
            throw new CheckpointException(
                $"{file}: the last tensor ends at byte {end} of the data section, but {dataLength} bytes follow the header; " +
                "the header does not belong to this file.");
        }
    }

    private static int? BitsOf(string type) => type switch
    {
        "F4" => 4,
        "F6_E2M3" or "F6_E3M2" => 6,
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" or "F8_E4M3FNUZ" or "F8_E5M2FNUZ" => 8,
        "U16" or "I16" or "F16" or "BF16" => 16,
        "U32" or "I32" or "F32" => 32,
        "U64" or "I64" or "F64" or "C64" => 64,
        _ => null,
    };

    private static string Quote(string name) => $"'{CheckpointException.Excerpt(name)}'";

    private static string Show(long[] shape) => $"[{string.Join(", ", shape)}]";
}
