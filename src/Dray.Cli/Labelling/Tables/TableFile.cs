namespace Dray.Cli.Labelling.Tables;

/// <summary>Opens and creates data files by their extension.</summary>
internal static class TableFile
{
    /// <summary>The longest row, in bytes.</summary>
    public const int RowBytes = 16 << 20;

    /// <summary>The most columns.</summary>
    public const int MostColumns = 10_000;

    /// <summary>The format of a file.</summary>
    /// <exception cref="CommandException">None has its extension.</exception>
    public static TableFormat FormatOf(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".CSV" or ".TSV" => TableFormat.Csv,
        ".JSONL" or ".NDJSON" => TableFormat.JsonLines,
        ".PARQUET" => TableFormat.Parquet,
        _ => throw new CommandException(
            ExitCode.Usage, $"'{path}' is none of the kinds of data files that are read and written: .csv, .tsv, .jsonl, .ndjson, .parquet; convert or rename it."),
    };

    /// <summary>Looks through a file.</summary>
    /// <exception cref="CommandException">It isn't what its extension says.</exception>
    public static ITable Open(string path) => FormatOf(path) switch
    {
        TableFormat.Csv => CsvTable.Open(path),
        TableFormat.JsonLines => JsonLinesTable.Open(path),
        _ => ParquetTable.Open(path),
    };

    /// <summary>Starts a file with the columns of <paramref name="source"/> and those added.</summary>
    /// <exception cref="CommandException">The format can't hold these columns.</exception>
    public static async Task<ITableWriter> CreateAsync(Stream file, TableFormat format, char separator, ITable source, IReadOnlyList<TableColumn> added)
    {
        if (format == TableFormat.Csv) return new CsvTableWriter(file, separator, source, added);
        if (source is CsvTable && source.Columns.GroupBy(column => column.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new CommandException(
                ExitCode.InputRefused, $"'{source.Path}' has several columns named '{twice.Key}', which only CSV can hold; rename them, or write a .csv file.");
        }

        return format == TableFormat.JsonLines ? new JsonLinesTableWriter(file, source, added) : await ParquetTableWriter.CreateAsync(file, source.Columns, added);
    }

    /// <summary>That a file isn't what its extension says.</summary>
    public static CommandException Refused(string path, string problem) => new(ExitCode.InputRefused, $"'{path}' {problem}");
}
