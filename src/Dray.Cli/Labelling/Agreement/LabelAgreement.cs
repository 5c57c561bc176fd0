namespace Dray.Cli.Labelling.Agreement;

/// <summary>How well one label is given.</summary>
/// <param name="Label">The label.</param>
/// <param name="Gold">Rows that have it in the gold column.</param>
/// <param name="Given">Rows that the model gave it.</param>
/// <param name="Agreed">Rows that are both.</param>
internal readonly record struct LabelAgreement(string Label, long Gold, long Given, long Agreed)
{
    /// <summary>Gets the share of the rows given it that should have it; not a number where none was.</summary>
    public double Precision => (double)Agreed / Given;

    /// <summary>Gets the share of the rows that should have it that were given it; not a number where none should.</summary>
    public double Recall => (double)Agreed / Gold;

    /// <summary>Gets the harmonic mean of both.</summary>
    public double F1 => 2.0 * Agreed / (Gold + Given);
}
