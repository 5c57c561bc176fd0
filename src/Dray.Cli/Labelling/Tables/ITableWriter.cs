namespace Dray.Cli.Labelling.Tables;

/// <summary>Writes a table with columns added.</summary>
internal interface ITableWriter : IAsyncDisposable
{
    /// <summary>Writes a row.</summary>
    /// <param name="row">The row as it was read.</param>
    /// <param name="added">The values of the added columns.</param>
    ValueTask WriteAsync(TableRow row, IReadOnlyList<object?> added);

    /// <summary>Writes what is still to be written, once all rows are.</summary>
    ValueTask CompleteAsync();
}
