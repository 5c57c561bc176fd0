namespace Dray.Quantization.Calibration.Records;

/// <summary>JSON Lines: a JSON value per line. Blank lines don't count as records, but as lines.</summary>
internal static class JsonLinesFile
{
    private const int BufferBytes = 1 << 16;

    public static IEnumerable<SourceRecord> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        using var line = new MemoryStream();
        var buffer = new byte[BufferBytes];
        var number = 0L;
        for (int read; (read = file.Read(buffer)) > 0;)
        {
            for (var start = 0; start < read;)
            {
                var length = buffer.AsSpan(start, read - start).IndexOf((byte)'\n');
                var end = length < 0 ? read : start + length;
                // One byte over the limit is enough to know that the line is too long.
                line.Write(buffer, start, (int)Math.Min(end - start, RecordLimits.RecordBytes + 1 - line.Length));
                start = end + 1;
                if (length < 0) continue;
                if (Record(path, ++number, line) is { } record) yield return record;
                line.SetLength(0);
            }
        }

        if (Record(path, number + 1, line) is { } last) yield return last;
    }

    private static SourceRecord? Record(string path, long number, MemoryStream line)
    {
        var bytes = line.GetBuffer().AsSpan(0, (int)line.Length);
        if (number == 1 && bytes.StartsWith(RecordFile.ByteOrderMark)) bytes = bytes[RecordFile.ByteOrderMark.Length..];
        if (bytes.Trim(" \t\r"u8).IsEmpty) return null;
        return new SourceRecord(path, $"line {number}", bytes.ToArray(), IsJson: true);
    }
}
