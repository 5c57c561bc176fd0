using Dray.Cli.Labelling.Agreement;
using Dray.Cli.Labelling.Tables;
using Dray.Worker.Embedded;

namespace Dray.Cli.Labelling;

/// <summary>How labelling ended.</summary>
internal sealed record LabelSummary
{
    /// <summary>Gets the file.</summary>
    public required string Output { get; init; }

    /// <summary>Gets the number of rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Gets how many of them failed.</summary>
    public required long Failed { get; init; }

    /// <summary>Gets how many failed with which code.</summary>
    public required IReadOnlyDictionary<string, long> Codes { get; init; }

    /// <summary>Gets the columns that were added.</summary>
    public required IReadOnlyList<TableColumn> Added { get; init; }

    /// <summary>Gets the tokens of all answers.</summary>
    public LabelUsage Usage { get; init; }

    /// <summary>Gets how labels agree with the gold column, or null where there is none.</summary>
    public AgreementCounts? Agreement { get; init; }

    /// <summary>Gets what this run did of it.</summary>
    public EmbeddedBatchProgress Progress { get; init; }
}
