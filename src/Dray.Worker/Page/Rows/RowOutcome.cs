namespace Dray.Worker.Page.Rows;

/// <summary>What became of a row.</summary>
public enum RowOutcome
{
    /// <summary>It has no answer yet.</summary>
    Unfinished,

    /// <summary>It has an answer.</summary>
    Succeeded,

    /// <summary>It has an error.</summary>
    Failed,
}
