namespace Dray.Quantization.Calibration.Records;

/// <summary>JSON Lines: a JSON value per line. Blank lines don't count as records, but as lines.</summary>
internal static class JsonLinesFile
{
    public static IEnumerable<SourceRecord> Read(string path) =>
        LineReader.Read(path, RecordLimits.RecordBytes).Select(line => new SourceRecord(path, $"line {line.Number}", line.Utf8, IsJson: true));
}
