namespace Dray.Cli.Labelling.Tables;

/// <summary>A column.</summary>
/// <param name="Name">What the file calls it.</param>
/// <param name="Kind">What its values are.</param>
internal sealed record TableColumn(string Name, ColumnKind Kind);
