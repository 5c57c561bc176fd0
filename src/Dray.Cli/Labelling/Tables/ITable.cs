namespace Dray.Cli.Labelling.Tables;

/// <summary>A data file that was looked through once, so that its columns and the number of its rows are known.</summary>
internal interface ITable
{
    /// <summary>Gets the file's path.</summary>
    string Path { get; }

    /// <summary>Gets the columns in the file's order.</summary>
    IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Gets the number of rows.</summary>
    long RowCount { get; }

    /// <summary>The rows, read as they are asked for.</summary>
    IEnumerable<TableRow> Rows();
}
