namespace Dray.Cli.Labelling.Tables;

/// <summary>What a column's values are, for formats whose columns have types.</summary>
internal enum ColumnKind
{
    /// <summary>Nothing but nulls so far.</summary>
    Unknown,

    /// <summary>Texts.</summary>
    Text,

    /// <summary>Integers of 64 bits.</summary>
    Integer,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Lists, objects, or values of several kinds: as JSON inside a text.</summary>
    Json,
}
