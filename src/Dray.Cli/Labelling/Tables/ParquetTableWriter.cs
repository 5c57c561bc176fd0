using Parquet;
using Parquet.Schema;

namespace Dray.Cli.Labelling.Tables;

/// <summary>Writes rows of another format as Parquet: columns of texts, integers, numbers and flags, all of which may be null.</summary>
internal sealed class ParquetTableWriter : ITableWriter
{
    private const int GroupRows = 50_000;
    private const long GroupCharacters = 64L << 20;

    private readonly ParquetWriter _writer;
    private readonly DataField[] _fields;
    private readonly ColumnKind[] _kinds;
    private readonly List<object?[]> _rows = [];
    private long _characters;

    private ParquetTableWriter(ParquetWriter writer, DataField[] fields, ColumnKind[] kinds) => (_writer, _fields, _kinds) = (writer, fields, kinds);

    public static async Task<ParquetTableWriter> CreateAsync(Stream file, IReadOnlyList<TableColumn> columns, IReadOnlyList<TableColumn> added)
    {
        TableColumn[] all = [.. columns, .. added];
        var schema = new ParquetSchema([.. all.Select(FieldOf)]);
        return new ParquetTableWriter(await ParquetWriter.CreateAsync(schema, file), schema.DataFields, [.. all.Select(column => column.Kind)]);
    }

    /// <summary>The field of a column.</summary>
    public static DataField FieldOf(TableColumn column) => new(
        column.Name,
        column.Kind switch { ColumnKind.Integer => typeof(long), ColumnKind.Number => typeof(double), ColumnKind.Boolean => typeof(bool), _ => typeof(string) },
        isNullable: true);

    /// <summary>Writes a column of a row group.</summary>
    public static Task WriteColumnAsync(ParquetRowGroupWriter group, DataField field, ColumnKind kind, IEnumerable<object?> values) => kind switch
    {
        ColumnKind.Integer => WriteAsync<long>(group, field, values, Convert.ToInt64),
        ColumnKind.Number => WriteAsync<double>(group, field, values, value => value is System.Text.Json.JsonElement number ? number.GetDouble() : Convert.ToDouble(value, null)),
        ColumnKind.Boolean => WriteAsync<bool>(group, field, values, value => (bool)value),
        ColumnKind.Json => group.WriteAsync(field, [.. values.Select(Json)]),
        _ => group.WriteAsync(field, [.. values.Select(value => value is null ? null : TableValue.Text(value))]),
    };

    public async ValueTask WriteAsync(TableRow row, IReadOnlyList<object?> added)
    {
        object?[] values = [.. row.Values, .. added];
        _rows.Add(values);
        foreach (var value in values) _characters += value is string text ? text.Length : 8;
        if (_rows.Count >= GroupRows || _characters >= GroupCharacters) await FlushAsync();
    }

    public async ValueTask CompleteAsync()
    {
        if (_rows.Count > 0) await FlushAsync();
        await _writer.DisposeAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Task WriteAsync<T>(ParquetRowGroupWriter group, DataField field, IEnumerable<object?> values, Func<object, T> convert) where T : struct =>
        group.WriteAsync<T>(field, values.Select(value => value is null ? (T?)null : convert(value)).ToArray().AsMemory());

    // In a column of several kinds a text is JSON too, so that "1" and 1 stay apart.
    private static string? Json(object? value) => value is null ? null
        : value is string text ? System.Text.Json.JsonSerializer.Serialize(text, Quantization.Calibration.Records.RecordJson.Options) : TableValue.Text(value);

    private async Task FlushAsync()
    {
        using (var group = _writer.CreateRowGroup())
        {
            for (var i = 0; i < _fields.Length; i++) await WriteColumnAsync(group, _fields[i], _kinds[i], _rows.Select(row => row[i]));
            group.CompleteValidate();
        }

        _rows.Clear();
        _characters = 0;
    }
}
