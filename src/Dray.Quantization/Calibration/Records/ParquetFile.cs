using Parquet;
using Parquet.Serialization;

namespace Dray.Quantization.Calibration.Records;

/// <summary>A Parquet file: a record per row, read one row group at a time.</summary>
internal static class ParquetFile
{
    public static IEnumerable<SourceRecord> Read(string path)
    {
        using var file = File.OpenRead(path);
        var number = 0L;
        for (int group = 0, groups = Groups(file, path); group < groups; group++)
        {
            foreach (var row in Rows(file, group, path)) yield return new SourceRecord(path, $"row {++number}", row, IsJson: true);
        }
    }

    private static int Groups(FileStream file, string path) => ParquetGuard.Run(Name(path), async () =>
    {
        await using var reader = await ParquetReader.CreateAsync(file, leaveStreamOpen: true);
        ParquetGuard.CheckGroups(Name(path), reader.Metadata!.RowGroups.Select(group => group.TotalByteSize));
        return reader.RowGroupCount;
    });

    private static byte[][] Rows(FileStream file, int group, string path) => ParquetGuard.Run(Name(path), async () =>
    {
        file.Position = 0;
        var result = await ParquetSerializer.DeserializeUntypedAsync(file, rowGroupIndex: group);
        return result.Data.Select(RecordJson.Bytes).ToArray();
    });

    private static string Name(string path) => $"The calibration file '{path}'";
}
