namespace Dray.Worker.Page.Rows;

/// <summary>Some rows of a batch.</summary>
public sealed record RowPage
{
    /// <summary>The most rows of a page.</summary>
    public const int Size = 50;

    /// <summary>Gets the rows.</summary>
    public required IReadOnlyList<RowView> Rows { get; init; }

    /// <summary>Gets which page it is, from 1.</summary>
    public int Number { get; init; } = 1;

    /// <summary>Gets how many rows the filter takes, or null where only a search would tell.</summary>
    public long? Total { get; init; }

    /// <summary>Gets the number of the row at which a search goes on, or null where it is at its end.</summary>
    public long? Next { get; init; }

    /// <summary>Gets how many pages there are.</summary>
    public int Pages => (int)Math.Max(1, ((Total ?? 0) + Size - 1) / Size);
}
