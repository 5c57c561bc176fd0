using System.Text.Unicode;

namespace Dray.Quantization.Calibration.Records;

/// <summary>A plain text: one record.</summary>
internal static class TextFile
{
    public static IEnumerable<SourceRecord> Read(string path)
    {
        var bytes = RecordFile.ReadWhole(path, "split it into several files and give their folder");
        if (!Utf8.IsValid(bytes) || bytes.AsSpan().Contains((byte)0))
        {
            throw new CalibrationException(
                $"The calibration file '{path}' isn't UTF-8 text, nor has it the extension of a kind that Dray reads " +
                "(.jsonl, .json, .parquet, .csv, .tsv); convert it to one of these.");
        }

        return [new SourceRecord(path, "", bytes, IsJson: false)];
    }
}
