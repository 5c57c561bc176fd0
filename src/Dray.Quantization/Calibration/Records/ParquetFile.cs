using Parquet;
using Parquet.Serialization;

namespace Dray.Quantization.Calibration.Records;

/// <summary>A Parquet file: a record per row, read one row group at a time.</summary>
internal static class ParquetFile
{
    private const long GroupBytes = 1L << 30;

    /// <summary>Many times what the largest row group takes; on some damaged files the library doesn't end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static IEnumerable<SourceRecord> Read(string path)
    {
        using var file = File.OpenRead(path);
        var number = 0L;
        for (int group = 0, groups = Groups(file, path); group < groups; group++)
        {
            foreach (var row in Rows(file, group, path)) yield return new SourceRecord(path, $"row {++number}", row, IsJson: true);
        }
    }

    private static int Groups(FileStream file, string path) => Guard(path, async () =>
    {
        await using var reader = await ParquetReader.CreateAsync(file, leaveStreamOpen: true);
        foreach (var group in reader.Metadata!.RowGroups)
        {
            if (group.TotalByteSize <= GroupBytes) continue;
            throw new CalibrationException(
                $"The calibration file '{path}' has a row group of {group.TotalByteSize} bytes; at most {GroupBytes} are read: write smaller row groups.");
        }

        return reader.RowGroupCount;
    });

    private static byte[][] Rows(FileStream file, int group, string path) => Guard(path, async () =>
    {
        file.Position = 0;
        var result = await ParquetSerializer.DeserializeUntypedAsync(file, rowGroupIndex: group);
        return result.Data.Select(RecordJson.Bytes).ToArray();
    });

    /// <summary>Runs a read; whatever the library meets in a damaged file becomes one sentence.</summary>
    private static T Guard<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return Task.Run(read).WaitAsync(Patience).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is not CalibrationException)
        {
            throw new CalibrationException(
                $"The calibration file '{path}' can't be read as Parquet: {exception.Message} Write it anew, or as .jsonl.", exception);
        }
    }
}
