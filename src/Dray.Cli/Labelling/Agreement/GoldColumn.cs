using Dray.Cli.Labelling.Tables;

namespace Dray.Cli.Labelling.Agreement;

/// <summary>The column that labels are compared with, and which of the added columns is compared.</summary>
internal sealed class GoldColumn
{
    private readonly int _gold;
    private readonly int _added;
    private readonly bool _ignoreCase;

    private GoldColumn(string name, int gold, int added, bool ignoreCase) => (Name, _gold, _added, _ignoreCase) = (name, gold, added, ignoreCase);

    /// <summary>Gets its name.</summary>
    public string Name { get; }

    /// <summary>Finds the column.</summary>
    /// <param name="job">The data and what is added.</param>
    /// <param name="form">What answers look like.</param>
    /// <param name="name">The column's name.</param>
    /// <param name="property">The property of a schema to compare, or null for its only one or the one named like the column.</param>
    /// <param name="ignoreCase">Whether upper and lower case are the same.</param>
    /// <exception cref="CommandException">There is no such column, or no such property.</exception>
    public static GoldColumn Find(LabelJob job, LabelForm form, string name, string? property, bool ignoreCase)
    {
        var gold = PromptTemplate.Find("--gold", name, job.Table.Columns);
        var properties = form.Properties;
        if (properties.Count == 0)
        {
            return property is null ? new GoldColumn(name, gold, 0, ignoreCase)
                : throw new CommandException(ExitCode.Usage, "--gold-property is about the properties of a --schema; leave it out.");
        }

        var compared = property ?? (properties.Count == 1 ? properties[0].Name : name);
        var place = properties.Index().FirstOrDefault(one => one.Item.Name == compared, (Index: -1, Item: properties[0])).Index;
        return place >= 0 ? new GoldColumn(name, gold, 1 + place, ignoreCase) : throw new CommandException(
            ExitCode.Usage, $"The schema has no property '{compared}' to compare with the gold column; give one of {string.Join(", ", properties.Select(one => one.Name))} as --gold-property.");
    }

    /// <summary>Compares all rows.</summary>
    public AgreementCounts Compare(LabelJob job, IEnumerable<Label> labels)
    {
        var counts = new AgreementCounts(_ignoreCase);
        foreach (var (row, label) in job.Table.Rows().Zip(labels))
            counts.Add(TableValue.Text(row.Values[_gold]), label.Error is null ? TableValue.Text(job.ValuesOf(label)[_added]) : null);
        return counts;
    }
}
