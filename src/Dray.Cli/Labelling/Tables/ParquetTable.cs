using System.Text.Json;
using Dray.Quantization.Calibration;
using Dray.Quantization.Calibration.Records;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;

namespace Dray.Cli.Labelling.Tables;

/// <summary>A Parquet file, read one row group at a time.</summary>
internal sealed class ParquetTable : ITable
{
    private readonly int _groups;

    private ParquetTable(string path, IReadOnlyList<TableColumn> columns, long rows, int groups) => (Path, Columns, RowCount, _groups) = (path, columns, rows, groups);

    public string Path { get; }

    public IReadOnlyList<TableColumn> Columns { get; }

    public long RowCount { get; }

    /// <summary>Reads the file's description.</summary>
    public static ParquetTable Open(string path)
    {
        using var file = File.OpenRead(path);
        return Guard(path, async () =>
        {
            await using var reader = await ParquetReader.CreateAsync(file, leaveStreamOpen: true);
            var groups = reader.Metadata!.RowGroups;
            ParquetGuard.CheckGroups($"'{path}'", groups.Select(group => group.TotalByteSize));
            if (reader.Schema.Fields.Count > TableFile.MostColumns) throw TableFile.Refused(path, $"has {reader.Schema.Fields.Count} columns; at most {TableFile.MostColumns} are read.");
            return new ParquetTable(
                path, [.. reader.Schema.Fields.Select(field => new TableColumn(field.Name, KindOf(field)))], groups.Sum(group => group.NumRows), groups.Count);
        });
    }

    public IEnumerable<TableRow> Rows()
    {
        using var file = File.OpenRead(Path);
        for (var group = 0; group < _groups; group++)
        {
            foreach (var row in Read(file, group)) yield return new TableRow([.. Columns.Select(column => ValueOf(row.TryGetValue(column.Name, out var value) ? value : null))], default);
        }
    }

    /// <summary>Runs a read; whatever the library meets in a damaged file becomes one sentence.</summary>
    public static T Guard<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return ParquetGuard.Run($"'{path}'", read);
        }
        catch (CalibrationException exception)
        {
            throw exception.InnerException as CommandException ?? new CommandException(ExitCode.InputRefused, exception.Message);
        }
    }

    private static ColumnKind KindOf(Field field)
    {
        if (field is not DataField { IsArray: false, MaxRepetitionLevel: 0 } data) return ColumnKind.Json;
        return Type.GetTypeCode(data.ClrType) switch
        {
            TypeCode.Boolean => ColumnKind.Boolean,
            >= TypeCode.SByte and <= TypeCode.Int64 => ColumnKind.Integer,
            TypeCode.Single or TypeCode.Double => ColumnKind.Number,
            _ => ColumnKind.Text,
        };
    }

    private static object? ValueOf(object? value) => value switch
    {
        null or string or bool or sbyte or byte or short or ushort or int or uint or long or float or double or decimal => value,
        _ => TableValue.Of(JsonSerializer.SerializeToElement(value, value.GetType(), RecordJson.Options)),
    };

    private IReadOnlyList<IDictionary<string, object?>> Read(FileStream file, int group) => Guard(Path, async () =>
    {
        file.Position = 0;
        var result = await ParquetSerializer.DeserializeUntypedAsync(file, rowGroupIndex: group);
        return (IReadOnlyList<IDictionary<string, object?>>)[.. result.Data.Cast<IDictionary<string, object?>>()];
    });
}
