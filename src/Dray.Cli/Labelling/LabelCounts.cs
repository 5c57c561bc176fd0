namespace Dray.Cli.Labelling;

/// <summary>Counts the rows that failed, by code.</summary>
internal sealed class LabelCounts
{
    private readonly SortedDictionary<string, long> _codes = new(StringComparer.Ordinal);

    /// <summary>Gets the rows that failed.</summary>
    public long Failed { get; private set; }

    /// <summary>Gets how many failed with which code.</summary>
    public IReadOnlyDictionary<string, long> Codes => _codes;

    /// <summary>Counts a label and gives it on.</summary>
    public Label Count(Label label)
    {
        if (label.Error is null) return label;
        Failed++;
        var code = label.Error.Split(':', 2)[0];
        _codes[code] = _codes.GetValueOrDefault(code) + 1;
        return label;
    }
}
