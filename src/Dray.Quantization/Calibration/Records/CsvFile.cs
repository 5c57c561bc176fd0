using CsvHelper;

namespace Dray.Quantization.Calibration.Records;

/// <summary>Comma or tab separated values with a header: a record per row, its fields named by the header.</summary>
internal static class CsvFile
{
    public static IEnumerable<SourceRecord> Read(string path, char separator)
    {
        using var file = File.OpenRead(path);
        using var csv = CsvReader.Create(file, new CsvReaderOptions { Separator = separator, MaxRecordSize = RecordLimits.RecordBytes });
        for (var number = 1L; Next(csv, path); number++)
        {
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var i = 0; i < Math.Min(csv.FieldCount, csv.Headers.Count); i++) fields[csv.Headers[i]] = csv.GetString(i);
            yield return new SourceRecord(path, $"row {number}", RecordJson.Bytes(fields), IsJson: true);
        }
    }

    private static bool Next(CsvReader csv, string path)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException exception)
        {
            throw new CalibrationException(
                $"The calibration file '{path}' isn't CSV: {exception.Message} Fields with commas, quotes or line ends need quotes around them.",
                exception);
        }
    }
}
