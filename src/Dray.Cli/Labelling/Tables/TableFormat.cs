namespace Dray.Cli.Labelling.Tables;

/// <summary>The kinds of data files that are read and written.</summary>
internal enum TableFormat
{
    /// <summary>Separated values with a header.</summary>
    Csv,

    /// <summary>A JSON object per line.</summary>
    JsonLines,

    /// <summary>Apache Parquet.</summary>
    Parquet,
}
