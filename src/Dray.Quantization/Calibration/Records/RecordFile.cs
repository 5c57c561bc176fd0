namespace Dray.Quantization.Calibration.Records;

/// <summary>Reads the records of a file by its extension. What has no other meaning is a plain text, one record.</summary>
internal static class RecordFile
{
    /// <summary>The records of a file, in order.</summary>
    /// <exception cref="CalibrationException">The file can't be read or is too large.</exception>
    public static IEnumerable<SourceRecord> Read(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".JSONL" or ".NDJSON" => JsonLinesFile.Read(path),
        ".JSON" => JsonFile.Read(path),
        ".PARQUET" => ParquetFile.Read(path),
        ".CSV" => CsvFile.Read(path, ','),
        ".TSV" => CsvFile.Read(path, '\t'),
        _ => TextFile.Read(path),
    };

    /// <summary>All bytes of a file of at most <see cref="RecordLimits.WholeFileBytes"/>, without a byte order mark.</summary>
    public static byte[] ReadWhole(string path, string remedy)
    {
        var length = new FileInfo(path).Length;
        if (length > RecordLimits.WholeFileBytes)
        {
            throw new CalibrationException(
                $"The calibration file '{path}' has {length} bytes; files of this kind may have {RecordLimits.WholeFileBytes}: {remedy}.");
        }

        var bytes = File.ReadAllBytes(path);
        return bytes.AsSpan().StartsWith(ByteOrderMark) ? bytes[ByteOrderMark.Length..] : bytes;
    }

    /// <summary>Gets UTF-8's byte order mark.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];
}
