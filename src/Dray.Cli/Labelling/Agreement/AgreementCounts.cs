namespace Dray.Cli.Labelling.Agreement;

/// <summary>
/// Counts how often labels agree with those of a gold column. Texts are compared without white space around them. Rows that failed and rows without a gold
/// label are counted apart.
/// </summary>
/// <param name="ignoreCase">Whether upper and lower case are the same.</param>
internal sealed class AgreementCounts(bool ignoreCase)
{
    /// <summary>The most different labels that are told apart: more aren't categories.</summary>
    public const int MostLabels = 1000;

    private readonly Dictionary<(string Gold, string Label), long> _pairs = [];
    private readonly SortedSet<string> _labels = new(StringComparer.Ordinal);

    /// <summary>Gets the rows that were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Gets the rows whose label is the gold one.</summary>
    public long Agreed { get; private set; }

    /// <summary>Gets the rows with a gold label that failed.</summary>
    public long Failed { get; private set; }

    /// <summary>Gets the rows without a gold label.</summary>
    public long WithoutGold { get; private set; }

    /// <summary>Gets all labels in ordinal order; empty where there are more than <see cref="MostLabels"/>.</summary>
    public IReadOnlyList<string> Labels => HasCategories ? [.. _labels] : [];

    /// <summary>Gets a value indicating whether the labels are few enough to be categories.</summary>
    public bool HasCategories => _labels.Count <= MostLabels;

    /// <summary>Gets the share of compared rows that agree.</summary>
    public double Accuracy => Compared == 0 ? double.NaN : (double)Agreed / Compared;

    /// <summary>
    /// Gets Cohen's kappa (Cohen 1960): the agreement beyond what labels as frequent as these would have by chance; not a number where chance alone agrees on all.
    /// </summary>
    public double Kappa
    {
        get
        {
            if (Compared == 0 || !HasCategories) return double.NaN;
            var chance = _labels.Sum(label => (double)OfGold(label) / Compared * OfLabel(label) / Compared);
            return (Accuracy - chance) / (1 - chance);
        }
    }

    /// <summary>Adds a row.</summary>
    /// <param name="gold">What the gold column has.</param>
    /// <param name="label">What the model said, or null where the row failed.</param>
    public void Add(string gold, string? label)
    {
        gold = Plain(gold);
        if (gold.Length == 0)
        {
            WithoutGold++;
        }
        else if (label is null)
        {
            Failed++;
        }
        else
        {
            label = Plain(label);
            Compared++;
            if (gold == label) Agreed++;
            if (!HasCategories) return;
            _labels.Add(gold);
            _labels.Add(label);
            _pairs[(gold, label)] = Of(gold, label) + 1;
        }
    }

    /// <summary>The rows of a gold label that got a label.</summary>
    public long Of(string gold, string label) => _pairs.GetValueOrDefault((gold, label));

    /// <summary>How well one label is given.</summary>
    public LabelAgreement For(string label) => new(label, OfGold(label), OfLabel(label), Of(label, label));

    private long OfGold(string gold) => _pairs.Where(pair => pair.Key.Gold == gold).Sum(pair => pair.Value);

    private long OfLabel(string label) => _pairs.Where(pair => pair.Key.Label == label).Sum(pair => pair.Value);

    private string Plain(string text) => ignoreCase ? text.Trim().ToLowerInvariant() : text.Trim();
}
