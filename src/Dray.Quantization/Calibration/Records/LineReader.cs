namespace Dray.Quantization.Calibration.Records;

/// <summary>Reads the lines of a file one after the other, whatever the file's size; blank lines are passed over, but counted.</summary>
internal static class LineReader
{
    private const int BufferBytes = 1 << 16;

    /// <summary>The lines without their line feed, with their numbers from 1; a byte order mark isn't part of the first.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">The most bytes that are kept of a line; one more tells that it is longer.</param>
    public static IEnumerable<(long Number, byte[] Utf8)> Read(string path, int longest)
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
                line.Write(buffer, start, (int)Math.Min(end - start, longest + 1 - line.Length));
                start = end + 1;
                if (length < 0) continue;
                if (Line(++number, line) is { } bytes) yield return (number, bytes);
                line.SetLength(0);
            }
        }

        if (Line(number + 1, line) is { } last) yield return (number + 1, last);
    }

    private static byte[]? Line(long number, MemoryStream line)
    {
        var bytes = line.GetBuffer().AsSpan(0, (int)line.Length);
        if (number == 1 && bytes.StartsWith(RecordFile.ByteOrderMark)) bytes = bytes[RecordFile.ByteOrderMark.Length..];
        return bytes.Trim(" \t\r"u8).IsEmpty ? null : bytes.ToArray();
    }
}
