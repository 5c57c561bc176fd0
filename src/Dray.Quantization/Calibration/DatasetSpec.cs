namespace Dray.Quantization.Calibration;

/// <summary>
/// A mix of calibration data, written as AutoRound writes it: entries between commas, options after colons.
/// <code>
/// code.jsonl:num=64:concat, tools.json:concat, "notes, 2024.txt":repeat=5:concat
/// </code>
/// Blanks around names, options and values don't count. A double quote begins text in which commas and colons are plain characters
/// and which the next double quote ends.
/// </summary>
/// <param name="Sources">The sources in the order given, at least one.</param>
public sealed record DatasetSpec(IReadOnlyList<DatasetSource> Sources)
{
    /// <summary>Reads a mix.</summary>
    /// <exception cref="CalibrationException">An entry can't be understood; the message names it.</exception>
    public static DatasetSpec Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text))
            throw new CalibrationException("The data set is empty; give the path of a text, JSONL, JSON, Parquet or CSV file.");
        return new DatasetSpec([.. DatasetText.Split(text, ',').Select(entry => DatasetEntry.Parse(entry))]);
    }
}
