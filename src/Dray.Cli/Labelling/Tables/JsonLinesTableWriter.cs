using System.Text.Json;
using Dray.Quantization.Calibration.Records;

namespace Dray.Cli.Labelling.Tables;

/// <summary>Writes a JSON object per line; a line that was JSON keeps its bytes and gets members at its end.</summary>
internal sealed class JsonLinesTableWriter(Stream file, ITable source, IReadOnlyList<TableColumn> added) : ITableWriter
{
    private readonly MemoryStream _line = new();

    public ValueTask WriteAsync(TableRow row, IReadOnlyList<object?> values)
    {
        if (row.Raw.Length > 0 && source is JsonLinesTable)
        {
            file.Write(row.Raw.Span[..^1].TrimEnd(" \t"u8));
            file.Write(row.Raw.Span.TrimEnd(" \t}"u8) is [(byte)'{'] ? ""u8 : ","u8);
            Write(added, values);
            file.Write(_line.GetBuffer().AsSpan(1, (int)_line.Length - 1));
        }
        else
        {
            Write([.. source.Columns, .. added], [.. row.Values, .. values]);
            file.Write(_line.GetBuffer().AsSpan(0, (int)_line.Length));
        }

        file.WriteByte((byte)'\n');
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _line.DisposeAsync();

    private void Write(IReadOnlyList<TableColumn> columns, IReadOnlyList<object?> values)
    {
        _line.SetLength(0);
        using var writer = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = RecordJson.Options.Encoder });
        writer.WriteStartObject();
        for (var i = 0; i < columns.Count; i++)
        {
            writer.WritePropertyName(columns[i].Name);
            TableValue.Write(writer, values[i]);
        }

        writer.WriteEndObject();
    }
}
