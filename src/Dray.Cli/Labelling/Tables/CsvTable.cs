using System.Text;
using System.Text.Unicode;
using CsvHelper;

namespace Dray.Cli.Labelling.Tables;

/// <summary>
/// Separated values whose first record names the columns. The separator is the one that the first lines show; empty lines are passed over; a
/// record may have fewer fields than the header, not more.
/// </summary>
internal sealed class CsvTable : ITable
{
    private const int LookedAt = 1 << 16;

    private CsvTable(string path, IReadOnlyList<TableColumn> columns, ReadOnlyMemory<byte> header, char separator, long rows)
    {
        (Path, Columns, Header, Separator, RowCount) = (path, columns, header, separator, rows);
        using var file = File.OpenRead(path);
        var start = new byte[LookedAt];
        var read = start.AsSpan(0, file.ReadAtLeast(start, LookedAt, throwOnEndOfStream: false));
        HasByteOrderMark = read.StartsWith(Encoding.UTF8.Preamble);
        var end = read.IndexOf((byte)'\n');
        NewLine = end > 0 && read[end - 1] == '\r' ? "\r\n" : "\n";
    }

    public string Path { get; }

    public IReadOnlyList<TableColumn> Columns { get; }

    public long RowCount { get; }

    /// <summary>Gets the bytes of the header.</summary>
    public ReadOnlyMemory<byte> Header { get; }

    /// <summary>Gets the separator.</summary>
    public char Separator { get; }

    /// <summary>Gets how lines end.</summary>
    public string NewLine { get; }

    /// <summary>Gets a value indicating whether the file begins with UTF-8's byte order mark.</summary>
    public bool HasByteOrderMark { get; }

    /// <summary>Reads the whole file once.</summary>
    public static CsvTable Open(string path)
    {
        using var csv = Reader(path);
        if (!Next(csv, path, 0)) throw TableFile.Refused(path, "has no header; write the names of the columns into the first line.");
        if (csv.FieldCount > TableFile.MostColumns) throw TableFile.Refused(path, $"has {csv.FieldCount} columns; at most {TableFile.MostColumns} are read.");
        TableColumn[] columns = [.. Enumerable.Range(0, csv.FieldCount).Select(i => new TableColumn(csv.GetString(i), ColumnKind.Text))];
        ReadOnlyMemory<byte> header = csv.RawRecord.ToArray();
        var separator = (char)csv.Separator;
        var rows = 0L;
        for (; Next(csv, path, rows + 1); rows++) Check(csv, path, rows + 1, columns.Length);
        return new CsvTable(path, columns, header, separator, rows);
    }

    public IEnumerable<TableRow> Rows()
    {
        using var csv = Reader(Path);
        Next(csv, Path, 0);
        for (var row = 1L; Next(csv, Path, row); row++)
        {
            Check(csv, Path, row, Columns.Count);
            var values = new object?[Columns.Count];
            for (var i = 0; i < csv.FieldCount; i++) values[i] = csv.GetString(i);
            yield return new TableRow(values, csv.RawRecord.ToArray());
        }
    }

    private static CsvReader Reader(string path) => CsvReader.FromFile(path, new CsvReaderOptions
    {
        HasHeader = false,
        Separator = System.IO.Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase) ? '\t' : null,
        MaxRecordSize = TableFile.RowBytes,
    });

    private static bool Next(CsvReader csv, string path, long row)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException exception)
        {
            throw TableFile.Refused(
                path, $"isn't CSV at {Place(row)}: {exception.Message} Fields with separators, quotes or line ends need quotes around them, and a row at most {TableFile.RowBytes} bytes.");
        }
    }

    private static void Check(CsvReader csv, string path, long row, int columns)
    {
        // The reader looks at its limit only when its buffer is full.
        if (csv.RawRecord.Length > TableFile.RowBytes) throw TableFile.Refused(path, $"has {csv.RawRecord.Length} bytes in {Place(row)}; at most {TableFile.RowBytes} are read.");
        if (csv.FieldCount > columns)
            throw TableFile.Refused(path, $"has {csv.FieldCount} fields in {Place(row)}, but the header names {columns} columns; put quotes around fields with separators.");
        var last = csv.GetRawSpan(csv.FieldCount - 1);
        if (last.StartsWith((byte)'"') && last.Count((byte)'"') % 2 != 0) throw TableFile.Refused(path, $"has a quote in {Place(row)} that isn't closed; close or double it.");
        if (!Utf8.IsValid(csv.RawRecord)) throw TableFile.Refused(path, $"isn't UTF-8 in {Place(row)}; save it as UTF-8.");
    }

    private static string Place(long row) => row == 0 ? "the header" : $"row {row}";
}
