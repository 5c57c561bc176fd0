using System.Text.Json;
using Dray.Quantization.Calibration.Records;

namespace Dray.Cli.Labelling.Tables;

/// <summary>A JSON object per line; the columns are the members of all of them, in the order in which they first appear.</summary>
internal sealed class JsonLinesTable : ITable
{
    private JsonLinesTable(string path, IReadOnlyList<TableColumn> columns, long rows) => (Path, Columns, RowCount) = (path, columns, rows);

    public string Path { get; }

    public IReadOnlyList<TableColumn> Columns { get; }

    public long RowCount { get; }

    /// <summary>Reads the whole file once.</summary>
    public static JsonLinesTable Open(string path)
    {
        var kinds = new OrderedDictionary<string, ColumnKind>(StringComparer.Ordinal);
        var rows = 0L;
        foreach (var (number, line) in LineReader.Read(path, TableFile.RowBytes))
        {
            rows++;
            using var document = Parse(path, number, line);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                kinds[member.Name] = TableValue.Join(kinds.GetValueOrDefault(member.Name), TableValue.KindOf(member.Value));
                if (kinds.Count > TableFile.MostColumns) throw TableFile.Refused(path, $"has more than {TableFile.MostColumns} different members; at most that many are read.");
            }
        }

        return new JsonLinesTable(path, [.. kinds.Select(kind => new TableColumn(kind.Key, kind.Value))], rows);
    }

    public IEnumerable<TableRow> Rows()
    {
        var places = Columns.Index().ToDictionary(column => column.Item.Name, column => column.Index, StringComparer.Ordinal);
        foreach (var (number, line) in LineReader.Read(Path, TableFile.RowBytes))
        {
            var values = new object?[places.Count];
            using (var document = Parse(Path, number, line))
            {
                foreach (var member in document.RootElement.EnumerateObject())
                {
                    if (!places.TryGetValue(member.Name, out var place)) throw TableFile.Refused(Path, "changed while it was read; run again once it is complete.");
                    values[place] = TableValue.Of(member.Value) is JsonElement nested ? nested.Clone() : TableValue.Of(member.Value);
                }
            }

            yield return new TableRow(values, line.AsMemory().Trim(" \t\r"u8));
        }
    }

    private static JsonDocument Parse(string path, long number, byte[] line)
    {
        if (line.Length > TableFile.RowBytes) throw TableFile.Refused(path, $"has more than {TableFile.RowBytes} bytes in line {number}; at most that many are read.");
        try
        {
            var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException exception)
        {
            throw TableFile.Refused(path, $"isn't JSON in line {number}: {exception.Message} Write one object per line.");
        }

        throw TableFile.Refused(path, $"has no JSON object in line {number}; write one object per line.");
    }
}
