using System.Text;
using CsvHelper;

namespace Dray.Cli.Labelling.Tables;

/// <summary>
/// Writes separated values. Rows of a file with the same separator are copied byte by byte, so that quotes stay as they were; values are data, so that
/// nothing is done about those that a spreadsheet would take for formulas.
/// </summary>
internal sealed class CsvTableWriter : ITableWriter
{
    private readonly Stream _file;
    private readonly CsvTable? _copied;
    private readonly byte[] _separator;
    private readonly MemoryStream _line = new();
    private readonly CsvWriter _writer;

    public CsvTableWriter(Stream file, char separator, ITable source, IReadOnlyList<TableColumn> added)
    {
        _file = file;
        _copied = source is CsvTable csv && csv.Separator == separator ? csv : null;
        _separator = [(byte)separator];
        var options = new CsvWriterOptions { Separator = separator, NewLine = (source as CsvTable)?.NewLine ?? "\n" };
        _writer = CsvWriter.Create(_line, options, leaveOpen: true);
        if (source is CsvTable { HasByteOrderMark: true }) file.Write(Encoding.UTF8.Preamble);
        if (_copied is not null) Append(_copied.Header.Span, 0, added.Select(column => column.Name));
        else Append([], 0, source.Columns.Concat(added).Select(column => column.Name));
    }

    public ValueTask WriteAsync(TableRow row, IReadOnlyList<object?> added)
    {
        if (_copied is null) Append([], 0, row.Values.Concat(added).Select(TableValue.Text));
        else Append(row.Raw.Span, Missing(row), added.Select(TableValue.Text));
        return ValueTask.CompletedTask;
    }

    public ValueTask CompleteAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _line.DisposeAsync();
    }

    // Fields that a short row leaves out are null, those that it has are texts.
    private static int Missing(TableRow row) => row.Values.Count(value => value is null);

    private void Append(ReadOnlySpan<byte> raw, int missing, IEnumerable<string> fields)
    {
        _file.Write(raw);
        for (var i = 0; i < missing; i++) _file.Write(_separator);
        if (_copied is not null) _file.Write(_separator);
        foreach (var field in fields) _writer.WriteField(field);
        _writer.EndRecord();
        _writer.Flush();
        _file.Write(_line.GetBuffer().AsSpan(0, (int)_line.Length));
        _line.SetLength(0);
    }
}
